/**
 * A server for each worker of the test run, started when a test first needs it: one file needs one server, and some files need none.
 * Concurrent files have one server each: a run waits until its server is quiet, and another file that writes to the server delays
 * it. The files also read counters of the whole server.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { makePrivateFolder, serversFolder } from "../../harness/database/home.ts";
import { DEFAULT_SCHEMA, openDatabase, parseDatabaseSelector } from "../../harness/database/index.ts";
import { acquireLock } from "../../harness/database/lock.ts";
import type { InstanceOptions } from "../../harness/database/managed.ts";
import { connect, execute } from "../../lib/connection.ts";
import { createLog, silentLog } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { placeInMemory } from "./memory.ts";

const PROFILE = "test";

/** Without this lock, another test run that starts or ends could find a server whose folder is moving. */
export async function lockServers(): Promise<AsyncDisposable> {
  await makePrivateFolder(serversFolder());
  return acquireLock(join(serversFolder(), "tests.lock"), { log: silentLog, purpose: "starting test servers" });
}

/** A run in another checkout keeps its servers busy: each sample would wait 20 s for a quiet server and then give up. */
const CHECKOUT = createHash("sha256")
  .update(import.meta.url)
  .digest("hex")
  .slice(0, 6);

export const inMemoryName = (worker: number): string => `test-${CHECKOUT}-${worker}`;

/** All checkouts share the servers on a disk: their data stays for the next run. */
export const onDiskName = (worker: number): string => (worker === 1 ? "test" : `test-${worker}`);

export const workerInstance = (name: string): InstanceOptions => ({
  log: silentLog,
  name,
  schema: DEFAULT_SCHEMA,
  profile: PROFILE,
});

/** The tests run on this server in place of one per worker, for example on a service of CI. */
const GIVEN_URL = process.env["TEST_DATABASE_URL"];

async function openGiven(url: string): Promise<ConnectionTarget> {
  const { target } = await openDatabase(parseDatabaseSelector({ db: url }), { log: silentLog });
  const connection = await connect(target, { withSchema: false });
  try {
    // OFF is the default of MySQL, and LOAD DATA is one of the tested techniques.
    await execute(connection, "SET GLOBAL local_infile = ON");
  } finally {
    await connection.end();
  }
  return target;
}

async function open(): Promise<ConnectionTarget> {
  if (GIVEN_URL !== undefined) return await openGiven(GIVEN_URL);
  const worker = Number(process.env["VITEST_POOL_ID"] ?? 1);
  await using _lock = await lockServers();
  const inMemory = inMemoryName(worker);
  const instance = (await placeInMemory(inMemory)) ? inMemory : onDiskName(worker);
  // The lease ends with this process, and the global setup stops the server.
  const { target } = await openDatabase(parseDatabaseSelector(), { log: createLog("normal"), instance, profile: PROFILE });
  return target;
}

let opened: Promise<ConnectionTarget> | undefined;

/** The address of this worker's server, with a schema that no test may use: take one from `openTestSchema`. */
export function testServer(): Promise<ConnectionTarget> {
  opened ??= open();
  return opened;
}
