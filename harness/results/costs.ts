/** What a cell cost, over its samples, and where its time went. Computed from records alone. */
import { costsSchema, type Costs } from "./costs-schema.ts";
import type { SampleRecord } from "./records.ts";
import { median } from "../statistics/robust.ts";

/**
 * Where one worker's time went, in milliseconds. `clientMs` is CPU time of the measured process, `serverMs` the time that its
 * statements spent inside the server (waits for locks and disks included), `restMs` what is left of the wall time: the wire,
 * and waiting for a turn of the CPU. Client and server overlap where a client goes on while a statement runs; then the two
 * add up to more than the wall time, and the rest is 0.
 */
export interface TimeSplit {
  readonly clientMs: number;
  readonly serverMs: number;
  readonly restMs: number;
}

export function timeSplit({ wallMs, clientCpuMs, costs, cell: { workers } }: SampleRecord): TimeSplit | null {
  const serverMs = costs?.serverMs ?? null;
  if (wallMs === null || clientCpuMs === null || serverMs === null) return null;
  const ofOne = { clientMs: clientCpuMs / workers, serverMs: serverMs / workers };
  return { ...ofOne, restMs: Math.max(0, wallMs - ofOne.clientMs - ofOne.serverMs) };
}

type Numbers = { readonly [name: string]: number };

/** The median of each name; one that a sample lacks was 0 there. */
function medians<Row extends Numbers>(rows: readonly Row[]): Row | null {
  const [first] = rows;
  if (first === undefined) return null;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return Object.fromEntries(names.map((name) => [name, median(rows.map((row) => row[name] ?? 0))])) as Row;
}

export const medianSplit = (samples: readonly SampleRecord[]): TimeSplit | null =>
  medians(samples.flatMap((sample) => timeSplit(sample) ?? []).map((split) => ({ ...split })));

/** Medians over the samples that know. Statements have no median: `frequentStatements` takes those of one sample. */
export function medianCosts(samples: readonly SampleRecord[]): Costs | null {
  const all = samples.flatMap(({ costs }) => costs ?? []);
  if (all.length === 0) return null;
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(costsSchema.shape) as (keyof Costs)[]) {
    const numbers = all.map((costs) => costs[name]).filter((value) => typeof value === "number");
    if (numbers.length > 0) found[name] = median(numbers);
  }
  return costsSchema.parse({
    ...found,
    statementKinds: medians(all.flatMap(({ statementKinds }) => (statementKinds === null ? [] : [statementKinds]))),
    topStatements: null,
  });
}

export interface FrequentStatements {
  /** the round of the sample that sent them */
  readonly round: number;
  /** all statements of that sample; null: not counted */
  readonly statements: number | null;
  readonly list: NonNullable<Costs["topStatements"]>;
}

/**
 * The most frequent statements of the sample with the median number of statements, with that sample's total. The total of another
 * sample made the fractions of a limited cell add up to 143 %.
 */
export function frequentStatements(samples: readonly SampleRecord[]): FrequentStatements | null {
  const counted = samples
    .flatMap(({ round, statements, costs }) => {
      const list = costs?.topStatements ?? null;
      return list === null ? [] : [{ round, statements, list }];
    })
    .toSorted((a, b) => (a.statements ?? 0) - (b.statements ?? 0));
  return counted[Math.floor((counted.length - 1) / 2)] ?? null;
}
