/** Limits a schema to one process by a lock of the server. The lock ends with its connection, however the process ends. */
import { createHash } from "node:crypto";
import { connect, select, selectOne, type Connection } from "./connection.ts";
import { BenchError } from "./errors.ts";
import { describeTarget, type ConnectionTarget } from "./target.ts";

/** A lock name has at most 64 characters, and so has a schema name. The hash leaves room for the prefix. */
const lockName = (schema: string): string => `orm-shootout ${createHash("sha256").update(schema).digest("hex").slice(0, 32)}`;

/** @returns false when another process still holds the lock after `waitSeconds` */
export async function lockSchema(connection: Connection, schema: string, waitSeconds: number): Promise<boolean> {
  const { taken } = await selectOne<{ taken: number | null }>(connection, "SELECT GET_LOCK(?, ?) AS taken", [
    lockName(schema),
    waitSeconds,
  ]);
  return taken === 1;
}

/** Long enough for a run that is just ending. */
const ENDING_SECONDS = 1;

/** Every account may read the first table, which shows only the sessions of that account. */
const ATTRIBUTE_TABLES = ["session_account_connect_attrs", "session_connect_attrs"];

/** For example `bench api serve (process 4711), connection 57`, as far as the server shows it; null: the lock is free. */
async function describeHolder(connection: Connection, schema: string): Promise<string | null> {
  const { id } = await selectOne<{ id: number | null }>(connection, "SELECT IS_USED_LOCK(?) AS id", [lockName(schema)]);
  if (id === null) return null;
  for (const table of ATTRIBUTE_TABLES) {
    const rows = await select<{ name: string; value: string }>(
      connection,
      `SELECT attr_name AS name, attr_value AS value FROM performance_schema.${table} WHERE processlist_id = ?`,
      [id],
    ).catch(() => []);
    const attributes = new Map(rows.map(({ name, value }) => [name, value]));
    const pid = attributes.get("bench_pid");
    if (pid !== undefined) return `${attributes.get("program_name") ?? "bench"} (process ${pid}), connection ${id}`;
  }
  return `another bench (connection ${id})`;
}

/** @param waited the duration of the wait after a long one: ` for over 60 s` */
export async function schemaBusy(connection: Connection, target: ConnectionTarget, waited = ""): Promise<BenchError> {
  const holder = (await describeHolder(connection, target.schema)) ?? "another bench";
  return new BenchError(
    "SCHEMA_BUSY",
    `the schema of ${describeTarget(target)} is busy${waited}: ${holder} works in it`,
    "wait for its end or stop it, or name another schema in the URL",
  );
}

/** Reserves the schema for this connection. @throws BenchError SCHEMA_BUSY */
export async function requireSchemaLock(connection: Connection, target: ConnectionTarget): Promise<void> {
  if (!(await lockSchema(connection, target.schema, ENDING_SECONDS))) throw await schemaBusy(connection, target);
}

/** Half of a restart that takes a few seconds. */
const RETAKE_MS = 1_000;

/**
 * Holds the lock until it is disposed of, for a process that may run for weeks. After the server has ended the session, for
 * example in a restart, it takes the lock again.
 * @param onLost called once if another process took the lock before
 * @throws BenchError SCHEMA_BUSY
 */
export async function holdSchema(target: ConnectionTarget, onLost: (error: BenchError) => void): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: Connection | undefined;
  let isOver = false;
  const take = async (): Promise<void> => {
    const connection = await connect(target, { withSchema: false });
    try {
      await requireSchemaLock(connection, target);
      if (isOver) throw new Error("no longer wanted");
    } catch (error) {
      connection.destroy();
      throw error;
    }
    current = connection;
    connection.on("error", retakeLater);
  };
  const retake = (): void =>
    void take().catch((error: unknown) => {
      if (isOver) return;
      if (error instanceof BenchError && error.code === "SCHEMA_BUSY") onLost(error);
      else retakeLater();
    });
  const retakeLater = (): void => {
    if (!isOver) timer = setTimeout(retake, RETAKE_MS);
  };
  await take();
  stack.defer(() => {
    isOver = true;
    clearTimeout(timer);
    current?.destroy();
  });
  return stack.move();
}
