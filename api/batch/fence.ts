/** Who works on a batch. A process that slept beyond its lease finds another number than its own, and writes nothing any more. */
import type { Claim } from "./claim.ts";

export class TakenOver extends Error {}

/** Rows of one statement, inside the transaction that is fenced. */
type Read = (sql: string, params: number[]) => Promise<readonly { readonly attempt?: unknown }[]>;

/**
 * @param lock ` FOR SHARE`: nobody takes the batch over before the transaction ends
 * @throws TakenOver where somebody has
 */
export async function requireOwned(read: Read, { batchId, attempt }: Claim, lock: "" | " FOR SHARE"): Promise<void> {
  const [owner] = await read(`SELECT attempt FROM batch_owners WHERE batch_id = ?${lock}`, [batchId]);
  if (Number(owner?.attempt) !== attempt) throw new TakenOver(`another process has taken batch ${batchId} over`);
}
