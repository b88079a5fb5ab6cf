/** `bench api cluster logs`: what an instance, nginx or the supervisor wrote. */
import { createReadStream } from "node:fs";
import { access, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { BenchError } from "../../lib/errors.ts";
import { MAX_INSTANCES, unknownInstance } from "../cluster/cluster.ts";
import { instanceLog, loggedInstances, nginxLog, supervisorLog } from "../cluster/files.ts";
import { interruptible } from "../run/interrupt.ts";
import { addClusterName, clusterGroup, clusterName, type ClusterName } from "./api-cluster-group.ts";
import type { RegisterCommand } from "./context.ts";
import { oneOf } from "./values.ts";

const FOLLOW_EVERY_MS = 250;
const NUMBERS = Array.from({ length: MAX_INSTANCES }, (_, index) => String(index + 1));
const LOGS = [...NUMBERS, "nginx", "supervisor"];

const EXAMPLES = `
Examples:
  bench api cluster logs 2
  bench api cluster logs 2 --follow          also print what comes later, until Ctrl-C
  bench api cluster logs nginx
  bench api cluster logs supervisor          of a cluster that was started with --detach

Logs stay after the end of the cluster, until the next one of the same name.`;

async function pathOf(name: string, log: string): Promise<string> {
  const path = log === "nginx" ? nginxLog(name) : log === "supervisor" ? supervisorLog(name) : instanceLog(name, Number(log));
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) return path;
  if (NUMBERS.includes(log)) throw unknownInstance(Number(log), await loggedInstances(name));
  throw new BenchError("UNKNOWN_NAME", `${log} of the cluster ${name} has no log`, "start a cluster with `bench api cluster up`");
}

/** @returns the place of the next byte */
async function printFrom(path: string, start: number): Promise<number> {
  const { size } = await stat(path);
  // a shorter file is a new one
  const from = size < start ? 0 : start;
  if (size > from) await pipeline(createReadStream(path, { start: from, end: size - 1 }), process.stdout, { end: false });
  return size;
}

async function follow(path: string): Promise<void> {
  try {
    await interruptible(async (signal) => {
      for (let place = 0; !signal.aborted; await delay(FOLLOW_EVERY_MS, undefined, { signal }).catch(() => undefined))
        place = await printFrom(path, place);
    });
  } catch (error) {
    // Ctrl-C is the normal end
    if (!(error instanceof BenchError && error.code === "INTERRUPTED")) throw error;
  }
}

export const register: RegisterCommand = (program) => {
  addClusterName(clusterGroup(program).command("logs"))
    .description("Prints the log of an instance, of nginx or of the supervisor.")
    .argument("<log>", "number of an instance, nginx or supervisor", oneOf(LOGS))
    .option("-f, --follow", "also print what comes later, until Ctrl-C")
    .addHelpText("after", EXAMPLES)
    .action(async (log: string, options: ClusterName & { follow?: boolean }) => {
      const path = await pathOf(clusterName(options), log);
      if (options.follow === true) await follow(path);
      else await printFrom(path, 0);
    });
};
