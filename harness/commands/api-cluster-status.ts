/** `bench api cluster status`: members, heartbeats and progress of the batch. */
import type { Command } from "commander";
import { setTimeout as delay } from "node:timers/promises";
import { BenchError } from "../../lib/errors.ts";
import { canBeLive, openLiveBlock } from "../../lib/live-block.ts";
import { hasColour } from "../../lib/log.ts";
import { command as send } from "../cluster/control/client.ts";
import { requireCluster } from "../cluster/files.ts";
import { statusText } from "../cluster/status-text.ts";
import type { ClusterStatus } from "../cluster/status.ts";
import { interruptible } from "../run/interrupt.ts";
import { addClusterName, clusterGroup, clusterName, type ClusterName } from "./api-cluster-group.ts";
import type { CommandContext, RegisterCommand } from "./context.ts";

const EVERY_MS = 1_000;

const EXAMPLES = `
Examples:
  bench api cluster status
  bench api cluster status --watch                     every second, until Ctrl-C
  bench api cluster status --json | jq .batch.undone
  bench api cluster status --watch --json              one line of JSON per second

State is what the cluster did to the process: running, paused or dead. Index is the rank among the live members, by which they
divide the users. Rounds and users count the work of a member in the running batch, else in the last one.`;

interface StatusOptions extends ClusterName {
  watch?: boolean;
  json?: boolean;
}

// The supervisor is the same version of bench, and the same user.
const read = async (name: string): Promise<ClusterStatus> =>
  (await send(await requireCluster(name), { command: "status" })) as ClusterStatus;

const shown = (status: ClusterStatus, json: boolean): string =>
  json ? JSON.stringify(status) : statusText(status, hasColour(process.stdout));

/** Ctrl-C is the normal end. */
async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  try {
    await interruptible(work);
  } catch (error) {
    if (!(error instanceof BenchError && error.code === "INTERRUPTED")) throw error;
  }
}

async function watch(name: string, json: boolean, context: CommandContext): Promise<void> {
  await untilInterrupted(async (signal) => {
    let status = await read(name);
    const render = (): string[] => shown(status, false).split("\n");
    using block = !json && canBeLive(process.stdout) ? openLiveBlock(process.stdout, render, EVERY_MS) : null;
    for (;;) {
      if (block === null) context.print(`${shown(status, json)}${json ? "" : "\n"}`);
      else block.redraw();
      await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
      status = await read(name);
    }
  });
}

export const register: RegisterCommand = (program, context) => {
  const group: Command = clusterGroup(program);
  addClusterName(group.command("status"))
    .description("Shows the instances, their membership and work, the batch and the inbox.")
    .option("--watch", "show it every second, until Ctrl-C")
    .option("--json", "print JSON in one line")
    .addHelpText("after", EXAMPLES)
    .action(async (options: StatusOptions) => {
      const name = clusterName(options);
      const { json = false } = options;
      if (options.watch === true) await watch(name, json, context);
      else context.print(shown(await read(name), json));
    });
};
