/** Starts a supervisor that stays after the end of this process. */
import { open } from "node:fs/promises";
import { BenchError } from "../../lib/errors.ts";
import { writing } from "../../lib/file-errors.ts";
import { failuresOf, NodeProcess } from "../../lib/node-process.ts";
import { clusterFolder, makePrivateFolder } from "../database/home.ts";
import type { DetachedStart, FromSupervisor } from "./detached-messages.ts";
import { supervisorLog } from "./files.ts";

const PROCESS = new URL("./supervisor-process.ts", import.meta.url);
/** For the orderly end of what has started until an interruption. */
const STOP_MS = 30_000;

/** @returns the cluster's URL, when it answers */
export async function startDetached(start: DetachedStart, signal: AbortSignal): Promise<string> {
  const { name } = start.cluster;
  await makePrivateFolder(clusterFolder(name));
  const path = supervisorLog(name);
  const log = await writing(path, open(path, "w", 0o600));
  const failures = failuresOf(
    (what) => new BenchError("SERVICE_FAILED", `the supervisor of the cluster ${what}`, `read its log: ${path}`),
  );
  const child = new NodeProcess<DetachedStart, FromSupervisor>(PROCESS, { stderr: log.fd, detached: true, failures });
  await log.close();
  const onAbort = (): void => void (child.pid !== null && process.kill(child.pid, "SIGTERM"));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    child.send(start);
    const { promise, resolve } = Promise.withResolvers<FromSupervisor>();
    child.onMessage(resolve);
    const answer = await Promise.race([promise, child.ended.then((how) => Promise.reject(failures.ended(how) as Error))]);
    if (answer.type === "refused") throw new BenchError(answer.code, answer.message, answer.fix);
    signal.throwIfAborted();
    child.release();
    return answer.url;
  } catch (error) {
    await child.stop(STOP_MS);
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
