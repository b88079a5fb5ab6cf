/** Filters of this project in Prisma's syntax. */
import type { Residue } from "../residue.ts";

/** A key in Prisma's syntax: `{ id: 1 }`, or `{ userId_categoryId: { userId: 1, categoryId: 2 } }` */
export function unique(key: object): object {
  const properties = Object.keys(key);
  return properties.length === 1 ? key : { [properties.join("_")]: key };
}

/** `{ userId: [1, 2] }` -> `{ userId: { in: [1, 2] } }` */
export function where(filter: object): object {
  return Object.fromEntries(
    Object.entries(filter).map(([property, wanted]) => [property, Array.isArray(wanted) ? { in: wanted } : wanted]),
  );
}

/** The ids of one remainder from `firstId` to `lastId`, at most `limit`. */
export function idsOf(firstId: number, lastId: number, { divisor, remainder }: Residue, limit: number): number[] {
  const ids: number[] = [];
  const above = (((remainder - firstId) % divisor) + divisor) % divisor;
  for (let id = firstId + above; id <= lastId && ids.length < limit; id += divisor) ids.push(id);
  return ids;
}

/** A span of ids, or a list of the ids of one remainder: Prisma has no filter by a remainder. */
export const usersIn = (firstId: number, lastId: number, only?: Residue) =>
  only === undefined ? { gte: firstId, lte: lastId } : { in: idsOf(firstId, lastId, only, Number.POSITIVE_INFINITY) };
