/**
 * The axes of the matrix by their names on the command line: each entry reads the value of a cell and selects cells by value.
 * A new axis is a new entry.
 */
import { BenchError } from "../../lib/errors.ts";
import { ISOLATIONS } from "../../orms/orm.ts";
import { DURABILITIES, PARALLELS, SIDES, SPLITS, TRACKS, type AxisCell } from "./cell.ts";
import { parsePrefill } from "./prefill.ts";
import type { CellGroup } from "../suites/suite.ts";

interface Axis {
  readonly of: (cell: AxisCell) => string;
  /** the value of a cell without this axis: `naive` has no chunks */
  readonly none?: string;
  /** the part of a group that sets this axis; null for an invalid value; absent for an axis that no group can set */
  readonly pick?: (value: string) => Partial<CellGroup> | null;
}

export const MAX_CHUNK_USERS = 1_000_000;
/** Each worker opens a pool; servers rarely accept more connections than 64 pools need. */
export const MAX_WORKERS = 64;
/** A round trip around the world takes 300 ms. */
export const MAX_ADDED_RTT_MS = 1_000;
const wholeNumber = (text: string, max: number): number | null => {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= max ? value : null;
};
const known = <Name extends string>(names: readonly Name[], value: string): Name | null =>
  names.find((name) => name === value) ?? null;

const AXES: Readonly<Record<string, Axis>> = {
  strategy: { of: ({ strategy }) => strategy, pick: (value) => ({ strategies: [value] }) },
  // the value can contain a version: orm=prisma@7.9.1
  orm: { of: ({ orm }) => orm, pick: (value) => ({ orms: [value] }) },
  version: { of: ({ version }) => version ?? "installed" },
  key: { of: ({ key }) => key, pick: (value) => ({ keys: [value] }) },
  chunk: {
    of: ({ chunkUsers }) => String(chunkUsers ?? "none"),
    none: "none",
    pick: (value) => {
      const chunk = wholeNumber(value, MAX_CHUNK_USERS);
      return chunk === null ? null : { chunkUsers: [chunk] };
    },
  },
  workers: {
    of: ({ workers }) => String(workers),
    pick: (value) => {
      const workers = wholeNumber(value, MAX_WORKERS);
      return workers === null ? null : { workers: [workers] };
    },
  },
  parallel: {
    of: ({ parallel }) => parallel ?? "threads",
    pick: (value) => {
      const parallel = known(PARALLELS, value);
      return parallel === null && value !== "threads" ? null : { parallels: [parallel] };
    },
  },
  split: {
    of: ({ split }) => split ?? "range",
    pick: (value) => {
      const split = known(SPLITS, value);
      return split === null && value !== "range" ? null : { splits: [split] };
    },
  },
  isolation: {
    of: ({ isolation }) => isolation ?? "default",
    pick: (value) => {
      const isolation = known(ISOLATIONS, value);
      return isolation === null && value !== "default" ? null : { isolations: [isolation] };
    },
  },
  track: {
    of: ({ track }) => track,
    pick: (value) => {
      const track = known(TRACKS, value);
      return track === null ? null : { tracks: [track] };
    },
  },
  durability: {
    of: ({ durability }) => durability ?? "default",
    pick: (value) => {
      const durability = known(DURABILITIES, value);
      return durability === null && value !== "default" ? null : { durabilities: [durability] };
    },
  },
  prefill: {
    of: ({ prefill }) => prefill ?? "0",
    pick: (value) => (parsePrefill(value) === null ? null : { prefills: [value] }),
  },
  rtt: {
    of: ({ addedRttMs }) => String(addedRttMs ?? "none"),
    pick: (value) => {
      const addedRttMs = /^\d+(\.\d+)?$/.test(value) && Number(value) <= MAX_ADDED_RTT_MS ? Number(value) : null;
      return addedRttMs === null && value !== "none" ? null : { addedRttsMs: [addedRttMs] };
    },
  },
  side: { of: ({ side }) => side ?? "none" },
};

export const AXIS_NAMES: readonly string[] = Object.keys(AXES);

/** A comma before three digits groups a number, as reports print it; any other comma separates axes. */
const SEPARATOR = /,(?!\d{3}(?!\d))/;

/** The value of an axis from its form in reports: `1,000`, `+2 ms`, `READ-COMMITTED`. */
export function axisValue(axis: string, given: string): string {
  const value = given.trim();
  if (axis === "isolation") return value.toLowerCase().replaceAll(" ", "-");
  if (axis === "rtt") return value.replace(/^\+?(\d+(?:\.\d+)?)\s*(?:ms)?$/, "$1");
  return axis === "chunk" || axis === "workers" ? value.replaceAll(/,(?=\d{3})/g, "") : value;
}

/** Axis -> required value. */
export type CellFilter = ReadonlyMap<string, string>;

/** `prisma@7.9.1`, as in cell names. */
const ORM_AND_VERSION = /^([\w-]+)@([^@]+)$/;

/** @param text `orm=drizzle` or `orm=drizzle,key=uuidv7` @throws BenchError BAD_OPTION */
export function parseAxes(text: string): CellFilter {
  const axes = new Map<string, string>();
  for (const part of text.split(SEPARATOR)) {
    const at = part.indexOf("=");
    const axis = part.slice(0, at);
    const value = axisValue(axis, part.slice(at + 1));
    if (at < 1 || !Object.hasOwn(AXES, axis) || value === "")
      throw new BenchError(
        "BAD_OPTION",
        `"${part}" is not of the form axis=value`,
        `write for example orm=prisma; axes are ${AXIS_NAMES.join(", ")}`,
      );
    if (axes.has(axis)) throw new BenchError("BAD_OPTION", `"${text}" sets ${axis} twice`, "pass one value per axis");
    axes.set(axis, value);
  }
  return axes;
}

/** Parses a filter of recorded cells, in which the version of a library is a separate axis. @throws BenchError BAD_OPTION */
export function parseFilter(text: string): CellFilter {
  const axes = new Map(parseAxes(text));
  const [, orm, version] = ORM_AND_VERSION.exec(axes.get("orm") ?? "") ?? [];
  if (orm !== undefined && version !== undefined) axes.set("orm", orm).set("version", version);
  const side = axes.get("side");
  if (side !== undefined && known(SIDES, side) === null)
    throw new BenchError("BAD_OPTION", `unknown side: side=${side}`, `use side=${SIDES.join(" or side=")}`);
  return axes;
}

/**
 * The part of a group that selects cells with these axes.
 * @throws BenchError BAD_OPTION
 */
export function groupPart(axes: CellFilter): Partial<CellGroup> {
  return Object.assign(
    {},
    ...[...axes].map(([axis, value]) => {
      const part = AXES[axis]?.pick?.(value) ?? null;
      if (part === null)
        throw new BenchError(
          "BAD_OPTION",
          `cannot select cells by "${axis}=${value}"`,
          axis === "version"
            ? "write the version with its library: orm=prisma@7.9.1"
            : "choose a value from `bench list` or `bench run --help`",
        );
      return part;
    }),
  ) as Partial<CellGroup>;
}

export const matches = (cell: AxisCell, filter: CellFilter): boolean =>
  [...filter].every(([axis, value]) => AXES[axis]?.of(cell) === value);

/** Compared axes; `orm` includes `version`, because two libraries always differ in their versions. */
export const comparedAxes = (...filters: readonly CellFilter[]): ReadonlySet<string> => {
  const compared = new Set(filters.flatMap((filter) => [...filter.keys()]));
  return compared.has("orm") ? compared.add("version") : compared;
};

/** The axes, except the compared ones, whose values differ although both cells have one. */
export const differingAxes = (a: AxisCell, b: AxisCell, compared: ReadonlySet<string>): string[] =>
  Object.entries(AXES)
    .filter(([axis, { of, none }]) => !compared.has(axis) && of(a) !== of(b) && of(a) !== none && of(b) !== none)
    .map(([axis]) => axis);

/** All axes of a cell except the compared ones, as a key. */
export const restOf = (cell: AxisCell, compared: ReadonlySet<string>): string =>
  Object.entries(AXES)
    .filter(([axis]) => !compared.has(axis))
    .map(([axis, { of }]) => `${axis}=${of(cell)}`)
    .join(" ");
