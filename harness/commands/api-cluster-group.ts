import type { Command } from "commander";
import { checkedName } from "../database/home.ts";
import { apiGroup } from "./api-group.ts";
import { text } from "./values.ts";
import { DEFAULT_CLUSTER } from "../cluster/files.ts";

export interface ClusterName {
  name: string;
}

/** Adds `--name`, which each verb checks with {@link clusterName}. */
export const addClusterName = (command: Command): Command =>
  command.option("--name <name>", "name of the cluster, for several at once", text(), DEFAULT_CLUSTER);

/** @throws BenchError BAD_OPTION */
export const clusterName = ({ name }: ClusterName): string => checkedName("cluster", name);

/** Returns `bench api cluster`, and creates it on the first call: several files register verbs below it, in any order. */
export function clusterGroup(program: Command): Command {
  const api = apiGroup(program);
  return (
    api.commands.find((command) => command.name() === "cluster") ??
    api
      .command("cluster")
      .description("Runs several instances of the service behind nginx, on one database.")
      .addHelpText(
        "after",
        `
Examples:
  bench api cluster up --scale 0.01          three instances with 300 users; Ctrl-C ends all of them
  bench api cluster up --detach              leave the cluster running
  bench api cluster status --watch           members, heartbeats and progress of the batch, every second
  bench api cluster kill 2                   kill -9 of an instance, in the middle of a batch
  bench api cluster scale --to 5             start or end instances; no request fails
  bench api cluster logs nginx
  bench api cluster down

All processes listen on loopback only. docs/cluster.md explains the rest.`,
      )
  );
}
