/** Costs of a cell over its samples, and the split of its time; computed from records. */
import { costsSchema, type Costs } from "./costs-schema.ts";
import type { SampleRecord } from "./records.ts";
import { median } from "../statistics/quantiles.ts";

/**
 * The time of one worker in ms. `clientMs`: CPU time of the measured process. `serverMs`: time of its statements inside the
 * server, including waits for locks and disks. `restMs`: the remaining wall time, on the wire or waiting for a CPU. Client and
 * server overlap if the client works while a statement runs. Then their sum exceeds the wall time, and `restMs` is 0.
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

/** The median of each field; a field that a sample lacks counts as 0. */
function medians<Row extends Numbers>(rows: readonly Row[]): Row | null {
  const [first] = rows;
  if (first === undefined) return null;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return Object.fromEntries(names.map((name) => [name, median(rows.map((row) => row[name] ?? 0))])) as Row;
}

export const medianSplit = (samples: readonly SampleRecord[]): TimeSplit | null =>
  medians(samples.flatMap((sample) => timeSplit(sample) ?? []).map((split) => ({ ...split })));

/** Medians over the samples with costs. Statement texts have no median: `frequentStatements` takes those of one sample. */
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
