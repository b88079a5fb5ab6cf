/**
 * The fence of a batch. A member or process that works in an earlier attempt finds another number in the database, and writes
 * nothing any more.
 */

/** One attempt at a batch. */
export interface Claim {
  readonly batchId: number;
  readonly attempt: number;
}

/** The batch has failed, or another attempt works on it. */
export class NotMine extends Error {}

interface OwnerRow {
  readonly attempt?: unknown;
}

/** Returns the rows of one statement, inside the fenced transaction. */
type Read = (sql: string, params: number[]) => Promise<readonly OwnerRow[]>;

/**
 * @param lock ` FOR SHARE`: no process can change the attempt before the transaction ends
 * @throws NotMine if the batch is in another attempt
 */
export async function requireMine(
  read: Read,
  { batchId, attempt }: Claim,
  lock: "" | " FOR SHARE" | " FOR UPDATE",
): Promise<void> {
  const [owner] = await read(`SELECT attempt FROM batch_owners WHERE batch_id = ?${lock}`, [batchId]);
  if (Number(owner?.attempt) !== attempt) throw new NotMine(`batch ${batchId} is no longer in attempt ${attempt}`);
}
