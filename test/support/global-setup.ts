/**
 * Starts a server for each worker that runs test files, or joins those that another run has started, and leaves nothing running.
 * Files that run at the same moment have a server each: a run waits for its server to settle, which it never does while
 * another file writes to it, and the files read counters of the whole server.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
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

/** Another test run that starts or ends would find a server whose folder is being moved. */
async function lockServers(): Promise<AsyncDisposable> {
  await makePrivateFolder(serversFolder());
  return acquireLock(join(serversFolder(), "tests.lock"), { log: createLog("normal"), purpose: "starting test servers" });
}

/** A run in another checkout would keep these servers busy: each sample would then wait for 20 s until it gives up on a quiet one. */
const CHECKOUT = createHash("sha256")
  .update(import.meta.url)
  .digest("hex")
  .slice(0, 6);

/** Servers on a disk are those of all checkouts: their data stays for the next run. */
async function instanceOf(worker: number): Promise<string> {
  const inMemory = `test-${CHECKOUT}-${worker}`;
  if (await placeInMemory(inMemory)) return inMemory;
  return worker === 1 ? "test" : `test-${worker}`;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using _lock = await lockServers();
  await sweepMemory();
  await using opened = new AsyncDisposableStack();
  // one after the other: the first one fetches the server where there is none
  const instances: string[] = [];
  const targets: ConnectionTarget[] = [];
  for (let worker = 1; worker <= project.config.maxWorkers; worker += 1) {
    const instance = await instanceOf(worker);
    const options = { log: createLog("normal"), instance, profile: PROFILE } as const;
    targets.push(opened.use(await openDatabase(parseDatabaseSelector(), options)).target);
    instances.push(instance);
  }
  project.provide("databaseTargets", targets);
  const owned = opened.move();
  return async () => {
    await using _ending = await lockServers();
    await owned.disposeAsync();
    // what is in memory takes it from others
    for (const instance of instances) if (!(await isRunning(instance))) await deleteFromMemory(instance);
  };
}
