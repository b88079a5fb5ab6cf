/** One point of the matrix, as plain data: plans, records and messages hold it. */
import type { ApiLevel, Isolation } from "../../orms/orm.ts";

export interface Cell {
  /** unique within a run and readable: `chunked/prisma/uuidv7/chunk=500/workers=6` */
  readonly id: string;
  readonly strategy: string;
  readonly orm: string;
  readonly key: string;
  readonly workers: number;
  /** users per chunk; null where the strategy has no chunks */
  readonly chunkUsers: number | null;
  /** null: the server's default */
  readonly isolation: Isolation | null;
  readonly track: Track;
  /** null: the server's own */
  readonly durability: Durability | null;
  /** by a proxy between client and server; null: there is none, and what it costs is not in the time */
  readonly addedRttMs: number | null;
  /** of the library, where one was asked for: `7.9.1`; null: what is installed beside it */
  readonly version: string | null;
  /** of a gate that compares two trees; null: this one, in no gate */
  readonly side: Side | null;
  readonly api: ApiLevel;
  /** the file that runs: the strategy's general code, or the ORM's native variant of it */
  readonly code: string;
}

/**
 * `default`: each library as its documentation leads to. `matched`: the same pool and no statement prepared on the server
 * for all. Isolation is an axis of its own. Neither track stands for the other.
 */
export const TRACKS = ["default", "matched"] as const;
export type Track = (typeof TRACKS)[number];

/** Other than the server's own: `relaxed` does not wait for the disk when it commits. */
export const DURABILITIES = ["relaxed"] as const;
export type Durability = (typeof DURABILITIES)[number];

/** `head` is this tree, `base` the one that it is compared with. */
export const SIDES = ["base", "head"] as const;
export type Side = (typeof SIDES)[number];

/** Near the best for every library here: case-when slows down with the square of the chunk, small chunks pay round trips. */
export const DEFAULT_CHUNK_USERS = 500;

type Rarely = "version" | "side" | "addedRttMs" | "durability";
type NamedParts = Omit<Cell, "id" | "api" | "code" | Rarely> & Partial<Pick<Cell, Rarely>>;

/** `prisma`, `prisma@7.9.1` */
export const ormLabel = ({ orm, version }: { orm: string; version?: string | null }): string =>
  version === null || version === undefined ? orm : `${orm}@${version}`;

export function cellId(parts: NamedParts): string {
  const { strategy, key, workers, chunkUsers, isolation, track, durability = null, addedRttMs = null, side = null } = parts;
  return [
    strategy,
    ormLabel(parts),
    key,
    ...(chunkUsers === null ? [] : [`chunk=${chunkUsers}`]),
    ...(workers === 1 ? [] : [`workers=${workers}`]),
    ...(isolation === null ? [] : [`isolation=${isolation}`]),
    ...(track === "default" ? [] : [`track=${track}`]),
    ...(durability === null ? [] : [`durability=${durability}`]),
    ...(addedRttMs === null ? [] : [`rtt=${addedRttMs}`]),
    ...(side === null ? [] : [`side=${side}`]),
  ].join("/");
}
