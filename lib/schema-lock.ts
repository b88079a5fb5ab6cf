/** One process at a time works in a schema: a lock of the server, gone with its connection however the process ends. */
import { createHash } from "node:crypto";
import { selectOne, type Connection } from "./connection.ts";
import { BenchError } from "./errors.ts";
import { describeTarget, type ConnectionTarget } from "./target.ts";

/** Lock names hold at most 64 characters, schema names too: so the schema's name is hashed. */
const lockName = (schema: string): string => `orm-shootout ${createHash("sha256").update(schema).digest("hex").slice(0, 32)}`;

/** @returns false when another process still holds the lock after `waitSeconds` */
export async function lockSchema(connection: Connection, schema: string, waitSeconds: number): Promise<boolean> {
  const { taken } = await selectOne<{ taken: number | null }>(connection, "SELECT GET_LOCK(?, ?) AS taken", [
    lockName(schema),
    waitSeconds,
  ]);
  return taken === 1;
}

/** Long enough for a run that is ending. */
const ENDING_SECONDS = 1;

/** The schema is this connection's alone from here on. @throws BenchError SCHEMA_BUSY */
export async function requireSchemaLock(connection: Connection, target: ConnectionTarget): Promise<void> {
  if (await lockSchema(connection, target.schema, ENDING_SECONDS)) return;
  throw new BenchError(
    "SCHEMA_BUSY",
    `another bench is at work in ${describeTarget(target)}`,
    "wait for it, or name another schema in the URL",
  );
}
