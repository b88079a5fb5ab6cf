/** One process at a time works in a schema: a lock of the server, gone with its connection however the process ends. */
import { createHash } from "node:crypto";
import { selectOne, type Connection } from "./connection.ts";

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
