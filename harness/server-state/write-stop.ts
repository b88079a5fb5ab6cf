/**
 * Stops writes from the end of a job until its sessions have ended. A job that reported its end too early, or a process that it had
 * started, otherwise completed the result while bench read the counters.
 */
import { execute, serverErrorNumber, type Connection } from "../../lib/connection.ts";
import { WRITE_TABLES } from "./grants.ts";

export interface WriteStop {
  /** limits that missing privileges cause, as sentences for the run's notes */
  readonly notes: readonly string[];
  /** Locks the output tables. Await it after the sessions of the job have ended: it waits for their open transactions. */
  begin(): Promise<void>;
  /** Call it after `begin` has resolved. */
  end(): Promise<void>;
}

const NOT_STOPPED =
  "Writes after the end of a job were stopped by the end of its sessions only: the account may not lock tables (`bench db grants --counts`).";

/** A prepared transaction keeps its locks beyond its session. Such a sample is wrong, and the lock came too late for any other. */
const LOCK_WAIT_SECONDS = 1;
const ER_LOCK_WAIT_TIMEOUT = 1205;

/** @param connection for nothing else: a session with locked tables can use no other ones */
export async function openWriteStop(connection: Connection): Promise<WriteStop> {
  await execute(connection, `SET SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
  const lock = (): Promise<unknown> =>
    execute(connection, `LOCK TABLES ${WRITE_TABLES.map((table) => `${table} READ`).join(", ")}`);
  const unlock = async (): Promise<void> => void (await execute(connection, "UNLOCK TABLES"));
  const isAllowed = await lock().then(
    () => true,
    () => false,
  );
  if (!isAllowed) return { notes: [NOT_STOPPED], begin: async () => {}, end: async () => {} };
  await unlock();
  return {
    notes: [],
    async begin() {
      await lock().catch((error: unknown) => {
        if (serverErrorNumber(error) !== ER_LOCK_WAIT_TIMEOUT) throw error;
      });
    },
    end: unlock,
  };
}
