/** `bench api cluster scale`, `kill`, `pause`, `resume` and `down`: changes a running cluster. */
import type { Command } from "commander";
import { BenchError } from "../../lib/errors.ts";
import { MAX_INSTANCES } from "../cluster/cluster.ts";
import { command as send } from "../cluster/control/client.ts";
import type { SignalName } from "../cluster/control/commands.ts";
import { requireCluster } from "../cluster/files.ts";
import { waitForEnd } from "../database/processes.ts";
import { addClusterName, clusterGroup, clusterName, type ClusterName } from "./api-cluster-group.ts";
import { logFor, type RegisterCommand } from "./context.ts";
import { wholeNumber } from "./values.ts";

/** Longer than the instances need to finish their rounds. */
const DOWN_DEADLINE_MS = 60_000;

const SIGNAL_VERBS: Readonly<Record<SignalName, { description: string; done: string; examples: string }>> = {
  kill: {
    description: "Kills an instance at once, as a crash does (SIGKILL). It stays dead until `scale` replaces it.",
    done: "killed",
    examples: `
Examples:
  bench api cluster kill 2
  bench api cluster scale --to 3             start a new instance 2`,
  },
  pause: {
    description: "Stops an instance without its notice, as a long pause of the garbage collector does (SIGSTOP).",
    done: "paused",
    examples: `
Examples:
  bench api cluster pause 2 && sleep 15 && bench api cluster resume 2`,
  },
  resume: {
    description: "Continues a paused instance (SIGCONT).",
    done: "resumed",
    examples: `
Examples:
  bench api cluster resume 2`,
  },
};

const numberOfInstance = wholeNumber({ min: 1, max: MAX_INSTANCES });

async function down(command: Command, options: ClusterName): Promise<void> {
  const name = clusterName(options);
  const cluster = await requireCluster(name);
  await send(cluster, { command: "down" });
  if (!(await waitForEnd(cluster.supervisor, DOWN_DEADLINE_MS)))
    throw new BenchError(
      "SERVER_STOP_FAILED",
      `the supervisor of the cluster (process ${cluster.supervisor.pid}) still runs ${DOWN_DEADLINE_MS / 1_000} s after \`down\``,
      `read \`bench api cluster logs supervisor\`, or end everything with: kill -9 ${cluster.supervisor.pid}`,
    );
  logFor(command).info(`cluster ${name} ended; its data remains`);
}

export const register: RegisterCommand = (program) => {
  const group = clusterGroup(program);
  const scale = addClusterName(group.command("scale"))
    .description("Starts or ends instances until so many run. Replaces dead ones. No request fails.")
    .requiredOption("--to <n>", "instances that run afterwards", numberOfInstance)
    .addHelpText("after", "\nExamples:\n  bench api cluster scale --to 5\n  bench api cluster scale --to 2")
    .action(async (options: ClusterName & { to: number }) => {
      const cluster = await requireCluster(clusterName(options));
      await send(cluster, { command: "scale", to: options.to });
      logFor(scale).info(`${options.to} instances run`);
    });
  for (const signal of ["kill", "pause", "resume"] as const) {
    const { description, done, examples } = SIGNAL_VERBS[signal];
    const verb = addClusterName(group.command(signal))
      .description(description)
      .argument("<n>", "number of the instance, from `status`", numberOfInstance)
      .addHelpText("after", examples)
      .action(async (instance: number, options: ClusterName) => {
        const cluster = await requireCluster(clusterName(options));
        await send(cluster, { command: "signal", signal, instance });
        logFor(verb).info(`instance ${instance} ${done}`);
      });
  }
  const ending = addClusterName(group.command("down"))
    .description("Ends the cluster in order: nginx, then the instances. The data remains.")
    .addHelpText("after", "\nExamples:\n  bench api cluster down\n  bench api cluster down --name second")
    .action((options: ClusterName) => down(ending, options));
};
