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
import { connect, execute, select } from "../../lib/connection.ts";
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

interface WorkerServer {
  readonly target: ConnectionTarget;
  settings: readonly string[];
}

let opened: Promise<WorkerServer> | undefined;

function openOnce(): Promise<WorkerServer> {
  opened ??= (async () => {
    const target = await open();
    return { target, settings: await settingsOf(target) };
  })();
  return opened;
}

/** The address of this worker's server, with a schema that no test may use: take one from `openTestSchema`. */
export const testServer = async (): Promise<ConnectionTarget> => (await openOnce()).target;

/** Variables, counters and instruments of the whole server, as sentences. */
async function settingsOf(target: ConnectionTarget): Promise<readonly string[]> {
  const connection = await connect(target, { withSchema: false });
  try {
    const rows = await select<{ setting: string }>(
      connection,
      `SELECT CONCAT(VARIABLE_NAME, ' = ', VARIABLE_VALUE) AS setting FROM performance_schema.global_variables
       WHERE VARIABLE_NAME NOT REGEXP '^(gtid_executed|gtid_purged|innodb_monitor_.*)$'
       UNION ALL SELECT CONCAT('the counter ', NAME, ' is ', STATUS) FROM information_schema.innodb_metrics
       UNION ALL SELECT CONCAT('the instrument ', NAME, ' is ', ENABLED, ' and timed ', IFNULL(TIMED, '-'))
       FROM performance_schema.setup_instruments WHERE NAME NOT LIKE 'memory/%' AND NAME NOT LIKE 'wait/%'
       UNION ALL SELECT CONCAT('the consumer ', NAME, ' is ', ENABLED) FROM performance_schema.setup_consumers`,
    );
    return rows.map(({ setting }) => setting);
  } finally {
    await connection.end();
  }
}

/**
 * Refuses a test that leaves the worker's server with other settings: the next files run on this server. A counter that stayed on failed
 * another file in one of several runs, when both files had the same worker.
 * @throws Error with each changed setting
 */
export async function assertUsualSettings(): Promise<void> {
  // on a given server, the workers' tests change settings at the same time
  if (GIVEN_URL !== undefined) return;
  const server = await openOnce();
  const usual = new Set(server.settings);
  const present = await settingsOf(server.target);
  const changed = present.filter((setting) => !usual.has(setting));
  // the next tests did not change these settings
  server.settings = present;
  if (changed.length > 0) throw new Error(`the test left the server with other settings: ${changed.join("; ")}`);
}
