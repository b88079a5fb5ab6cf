/**
 * Starts a server for each worker of the test run, or joins the servers of another run, and leaves no server running.
 * Concurrent files have one server each: a run waits until its server is quiet, and the server is never quiet while
 * another file writes to it, and the files read counters of the whole server.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { makePrivateFolder, serversFolder } from "../../harness/database/home.ts";
import { DEFAULT_SCHEMA, openDatabase, parseDatabaseSelector } from "../../harness/database/index.ts";
import { acquireLock } from "../../harness/database/lock.ts";
import { findRunning } from "../../harness/database/managed.ts";
import { createLog, silentLog } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { deleteFromMemory, placeInMemory, sweepMemory } from "./memory.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** a server for each worker */
    databaseTargets: ConnectionTarget[];
  }
}

const PROFILE = "test";

const isRunning = async (name: string): Promise<boolean> =>
  (await findRunning({ log: silentLog, name, schema: DEFAULT_SCHEMA, profile: PROFILE })) !== null;

/** Without this lock, another test run that starts or ends could find a server whose folder is moving. */
async function lockServers(): Promise<AsyncDisposable> {
  await makePrivateFolder(serversFolder());
  return acquireLock(join(serversFolder(), "tests.lock"), { log: createLog("normal"), purpose: "starting test servers" });
}

/** A run in another checkout keeps these servers busy: each sample would wait 20 s for a quiet server and then give up. */
const CHECKOUT = createHash("sha256")
  .update(import.meta.url)
  .digest("hex")
  .slice(0, 6);

/** All checkouts share the servers on a disk: their data stays for the next run. */
async function instanceOf(worker: number): Promise<string> {
  const inMemory = `test-${CHECKOUT}-${worker}`;
  if (await placeInMemory(inMemory)) return inMemory;
  return worker === 1 ? "test" : `test-${worker}`;
}

const BENCH = fileURLToPath(new URL("../../bin/bench.cjs", import.meta.url));

/** Vitest exits 1 ms after Ctrl-C and runs no teardown: four servers stayed. Another process stops those that no other run uses. */
function stopAfterExit(instances: readonly string[]): void {
  for (const name of instances)
    spawn(process.execPath, [BENCH, "db", "down", "--instance", name], { detached: true, stdio: "ignore" }).unref();
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using _lock = await lockServers();
  await sweepMemory();
  await using opened = new AsyncDisposableStack();
  // one after another: the first one downloads the server when the machine has none
  const instances: string[] = [];
  const targets: ConnectionTarget[] = [];
  const onExit = (): void => stopAfterExit(instances);
  process.once("exit", onExit);
  for (let worker = 1; worker <= project.config.maxWorkers; worker += 1) {
    const instance = await instanceOf(worker);
    const options = { log: createLog("normal"), instance, profile: PROFILE } as const;
    // Ctrl-C can come while the server starts.
    instances.push(instance);
    targets.push(opened.use(await openDatabase(parseDatabaseSelector(), options)).target);
  }
  project.provide("databaseTargets", targets);
  const owned = opened.move();
  return async () => {
    await using _ending = await lockServers();
    await owned.disposeAsync();
    // a server in memory takes that memory from other programs
    for (const instance of instances) if (!(await isRunning(instance))) await deleteFromMemory(instance);
    process.off("exit", onExit);
  };
}
