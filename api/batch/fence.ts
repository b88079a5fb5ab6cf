/**
 * The fence of a batch. A process that slept beyond its lease finds another attempt number in the database, and writes
 * nothing any more.
 */
import type { Claim } from "./claim.ts";

export class TakenOver extends Error {}

/** Returns the rows of one statement, inside the fenced transaction. */
type Read = (sql: string, params: number[]) => Promise<readonly { readonly attempt?: unknown }[]>;

/**
 * @param lock ` FOR SHARE`: no process can take over the batch before the transaction ends
 * @throws TakenOver if another process has taken over the batch
 */
export async function requireOwned(read: Read, { batchId, attempt }: Claim, lock: "" | " FOR SHARE"): Promise<void> {
  const [owner] = await read(`SELECT attempt FROM batch_owners WHERE batch_id = ?${lock}`, [batchId]);
  if (Number(owner?.attempt) !== attempt) throw new TakenOver(`another process took over batch ${batchId}`);
}
