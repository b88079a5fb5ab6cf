/** Limits a schema to one process by a lock of the server. The lock ends with its connection, however the process ends. */
import { createHash } from "node:crypto";
import { connect, select, selectIfAllowed, selectOne, type Connection } from "./connection.ts";
import { BenchError } from "./errors.ts";
import { describeTarget, type ConnectionTarget } from "./target.ts";

/** A lock name has at most 64 characters, and so has a schema name. The hash leaves room for the prefix. */
const lockName = (schema: string): string => `orm-shootout ${createHash("sha256").update(schema).digest("hex").slice(0, 32)}`;

/** Members of one service share a schema. Named locks of the server are exclusive, so each member holds one of these. */
const MAX_MEMBERS = 128;
const memberLocks = (schema: string): string[] =>
  Array.from({ length: MAX_MEMBERS }, (_, index) => `${lockName(schema)} ${index + 1}`);

const takeLock = async (connection: Connection, name: string, waitSeconds: number): Promise<boolean> =>
  (await selectOne<{ taken: number | null }>(connection, "SELECT GET_LOCK(?, ?) AS taken", [name, waitSeconds])).taken === 1;

const release = (connection: Connection, name: string): Promise<unknown> => select(connection, "SELECT RELEASE_LOCK(?)", [name]);

/** The connection of a process that works in the schema, null if none does. */
async function findHolder(connection: Connection, names: readonly string[]): Promise<number | null> {
  const used = names.map(() => "IS_USED_LOCK(?)").join(", ");
  const { id } = await selectOne<{ id: number | null }>(connection, `SELECT COALESCE(${used}, NULL) AS id`, names);
  return id;
}

/** Reserves the schema for one process. @returns false when another process still works in it after `waitSeconds` */
export async function lockSchema(connection: Connection, schema: string, waitSeconds: number): Promise<boolean> {
  if (!(await takeLock(connection, lockName(schema), waitSeconds))) return false;
  if ((await findHolder(connection, memberLocks(schema))) === null) return true;
  await release(connection, lockName(schema));
  return false;
}

/** Reserves the schema together with other members. @returns false when a process works in it that shares it with nobody */
async function joinSchema(connection: Connection, schema: string, waitSeconds: number): Promise<boolean> {
  // No process can reserve the schema for itself between the two locks.
  if (!(await takeLock(connection, lockName(schema), waitSeconds))) return false;
  try {
    for (const name of memberLocks(schema)) if (await takeLock(connection, name, 0)) return true;
    return false;
  } finally {
    await release(connection, lockName(schema));
  }
}

/** Long enough for a run that is just ending. */
const ENDING_SECONDS = 1;

/** Every account may read the first table, which shows only the sessions of that account. */
const ATTRIBUTE_TABLES = ["session_account_connect_attrs", "session_connect_attrs"];

/** For example `bench api serve (process 4711), connection 57`, as far as the server shows it; null: the lock is free. */
async function describeHolder(connection: Connection, schema: string): Promise<string | null> {
  const id = await findHolder(connection, [lockName(schema), ...memberLocks(schema)]);
  if (id === null) return null;
  for (const table of ATTRIBUTE_TABLES) {
    const rows = await selectIfAllowed<{ name: string; value: string }>(
      connection,
      `SELECT attr_name AS name, attr_value AS value FROM performance_schema.${table} WHERE processlist_id = ?`,
      [id],
    );
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

type Take = (connection: Connection, schema: string, waitSeconds: number) => Promise<boolean>;

/**
 * Holds the schema as a member of a service until it is disposed of, for a process that may run for weeks. After the server has
 * ended the session, for example in a restart, it takes a lock again.
 * @param onLost called once if a process reserved the schema for itself before
 * @throws BenchError SCHEMA_BUSY
 */
export const holdSchema = (target: ConnectionTarget, onLost: (error: BenchError) => void): Promise<AsyncDisposable> =>
  holdLock(() => target, joinSchema, onLost);

/**
 * Reserves the schema for this process until it is disposed of. It takes the lock again after a restart of the server.
 * @param target a restarted server can have another port
 * @param onLost called once if another process took the schema before
 * @throws BenchError SCHEMA_BUSY
 */
export const reserveSchema = (target: () => ConnectionTarget, onLost: (error: BenchError) => void): Promise<AsyncDisposable> =>
  holdLock(target, lockSchema, onLost);

async function holdLock(
  targetNow: () => ConnectionTarget,
  take: Take,
  onLost: (error: BenchError) => void,
): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: Connection | undefined;
  let isOver = false;
  const hold = async (): Promise<void> => {
    const target = targetNow();
    const connection = await connect(target, { withSchema: false });
    try {
      if (!(await take(connection, target.schema, ENDING_SECONDS))) throw await schemaBusy(connection, target);
      if (isOver) throw new Error("no longer wanted");
    } catch (error) {
      connection.destroy();
      throw error;
    }
    current = connection;
    connection.on("error", retakeLater);
  };
  const retake = (): void =>
    void hold().catch((error: unknown) => {
      if (isOver) return;
      if (error instanceof BenchError && error.code === "SCHEMA_BUSY") onLost(error);
      else retakeLater();
    });
  const retakeLater = (): void => {
    if (!isOver) timer = setTimeout(retake, RETAKE_MS);
  };
  await hold();
  stack.defer(() => {
    isOver = true;
    clearTimeout(timer);
    current?.destroy();
  });
  return stack.move();
}
