/** Idempotency keys: one row per key, whichever way its write came in. */
import type { Statements } from "../database/session.ts";
import type { Write } from "./write.ts";

/**
 * Reserves the key in the transaction of the write, or of the inbox row. It waits for another request under the same key.
 * @throws the server's error about a duplicate of `write_keys`
 */
export async function registerKey(session: Statements, { token, bodyHash }: Write): Promise<void> {
  await session.run("INSERT INTO write_keys (token, body_hash) VALUES (?, ?)", [token, bodyHash]);
}
