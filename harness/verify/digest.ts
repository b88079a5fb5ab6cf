/**
 * A table's digest is its row count and the sum of a hash per row. Sums add up, so a stopped run also has an expected digest. XOR would
 * cancel duplicates, and CONCAT_WS would drop NULLs. The hash is SHA2, because newer servers have no MD5 and SHA1.
 */
import { selectOne, type Connection } from "../../lib/connection.ts";

export interface Digest {
  readonly rows: number;
  readonly hash: bigint;
}

export const EMPTY_DIGEST: Digest = { rows: 0, hash: 0n };

export const added = (a: Digest, b: Digest): Digest => ({ rows: a.rows + b.rows, hash: a.hash + b.hash });

export const isSame = (a: Digest, b: Digest): boolean => a.rows === b.rows && a.hash === b.hash;

export const rowHash = (columns: readonly string[]): string =>
  `CAST(CONV(LEFT(SHA2(CONCAT(${columns.map((column) => `IFNULL(CONCAT('=', ${column}), 'NULL')`).join(", '|', ")}), 256), 15), 16, 10) AS UNSIGNED)`;

export async function digestOf(connection: Connection, from: string, columns: readonly string[], where: string): Promise<Digest> {
  const { count, hash } = await selectOne<{ count: number; hash: string | null }>(
    connection,
    `SELECT COUNT(*) AS count, CAST(SUM(${rowHash(columns)}) AS CHAR) AS hash FROM ${from} WHERE ${where}`,
  );
  return { rows: count, hash: BigInt(hash ?? "0") };
}
