/** One point of the matrix as plain data, for plans, records and messages. */
import type { ApiLevel, Isolation } from "../../orms/orm.ts";

export interface Cell {
  /** unique within a run and readable: `chunked/prisma/uuidv7/chunk=500/workers=6` */
  readonly id: string;
  readonly strategy: string;
  readonly orm: string;
  readonly key: string;
  readonly workers: number;
  /** null: each of several workers has a thread */
  readonly parallel: Parallel | null;
  /** null: each of several workers has a span of ids */
  readonly split: Split | null;
  /** users per chunk; null for a strategy without chunks */
  readonly chunkUsers: number | null;
  /** null: the server's default */
  readonly isolation: Isolation | null;
  readonly track: Track;
  /** null: the server's setting */
  readonly durability: Durability | null;
  /** ms that a proxy adds; null without a proxy, whose own latency is then not in the time */
  readonly addedRttMs: number | null;
  /** earlier runs in the growing tables, and the key kind of their rows if it differs: `10`, `10:uuidv4`; null: empty tables */
  readonly prefill: string | null;
  /** requested version of the library: `7.9.1`; null: the installed version */
  readonly version: string | null;
  /** side of a gate between two trees; null outside of such a gate */
  readonly side: Side | null;
  readonly api: ApiLevel;
  /** the file that runs: the strategy's general code, or the ORM's native variant */
  readonly code: string;
}

/**
 * `default`: the defaults of each library. `matched`: the same pool size for all, and no prepared statements. `tuned`: settings of a library
 * that its documentation offers for long batches. A default that stops a batch then stands beside its cure.
 * Isolation is a separate axis. Results of one track do not apply to the other.
 */
export const TRACKS = ["default", "matched", "tuned"] as const;
export type Track = (typeof TRACKS)[number];

/**
 * Besides threads: all partitions run in one thread, each with its client and pool, so that only the waiting for the server
 * overlaps.
 */
export const PARALLELS = ["connections"] as const;
export type Parallel = (typeof PARALLELS)[number];

/** Besides spans of ids: each worker has the users of one remainder of the id, so that all workers write neighbouring rows. */
export const SPLITS = ["modulo"] as const;
export type Split = (typeof SPLITS)[number];

/** Levels besides the server's setting: with `relaxed`, a commit does not wait for the disk. */
export const DURABILITIES = ["relaxed"] as const;
export type Durability = (typeof DURABILITIES)[number];

/** `head` is this tree, `base` the tree to compare with. */
export const SIDES = ["base", "head"] as const;
export type Side = (typeof SIDES)[number];

/** Near the optimum of every library: case-when slows down with the square of the chunk, small chunks need more round trips. */
export const DEFAULT_CHUNK_USERS = 500;

type Rarely = "version" | "side" | "addedRttMs" | "durability" | "prefill" | "parallel" | "split";
type NamedParts = Omit<Cell, "id" | "api" | "code" | Rarely> & Partial<Pick<Cell, Rarely>>;

/** `prisma`, `prisma@7.9.1` */
export const ormLabel = ({ orm, version }: { orm: string; version?: string | null }): string =>
  version === null || version === undefined ? orm : `${orm}@${version}`;

export function cellId(parts: NamedParts): string {
  const {
    strategy,
    key,
    workers,
    chunkUsers,
    isolation,
    track,
    parallel = null,
    split = null,
    durability = null,
    prefill = null,
    addedRttMs = null,
    side = null,
  } = parts;
  return [
    strategy,
    ormLabel(parts),
    key,
    ...(chunkUsers === null ? [] : [`chunk=${chunkUsers}`]),
    ...(workers === 1 ? [] : [`workers=${workers}`]),
    ...(parallel === null ? [] : [`parallel=${parallel}`]),
    ...(split === null ? [] : [`split=${split}`]),
    ...(isolation === null ? [] : [`isolation=${isolation}`]),
    ...(track === "default" ? [] : [`track=${track}`]),
    ...(durability === null ? [] : [`durability=${durability}`]),
    ...(prefill === null ? [] : [`prefill=${prefill}`]),
    ...(addedRttMs === null ? [] : [`rtt=${addedRttMs}`]),
    ...(side === null ? [] : [`side=${side}`]),
  ].join("/");
}

/** The axes of a recorded or planned cell. */
export type AxisCell = Omit<Cell, "id" | "api" | "code">;

/** Typed as a record, so that an axis without an entry here does not compile. */
const AXES: Readonly<Record<keyof AxisCell, true>> = {
  strategy: true,
  orm: true,
  version: true,
  key: true,
  chunkUsers: true,
  workers: true,
  parallel: true,
  split: true,
  isolation: true,
  track: true,
  durability: true,
  prefill: true,
  addedRttMs: true,
  side: true,
};
const FIELDS = Object.keys(AXES) as (keyof AxisCell)[];

/** All axes of a cell except some, as a key that groups cells. */
export const otherAxes = (cell: AxisCell, without: readonly (keyof AxisCell)[] = []): string =>
  JSON.stringify(FIELDS.filter((field) => !without.includes(field)).map((field) => cell[field]));
