/** Series of one cell over dates, commits or versions of its library. Only runs with the same machine, settings and data join. */
import { compareVersions } from "../../lib/version-order.ts";
import { cellId } from "../plan/cell.ts";
import { groupByConditions, type ConditionOptions } from "../results/conditions.ts";
import type { StoredRun } from "../results/find-runs.ts";
import type { SampleRecord } from "../results/records.ts";
import { describing, timedSamples } from "../results/timed-samples.ts";
import { median } from "../statistics/quantiles.ts";
import { gibibytes } from "../text/format.ts";
import type { Metric } from "./metrics.ts";

export const ORDERS = ["date", "commit", "version"] as const;
export type Order = (typeof ORDERS)[number];

export interface Point {
  /** the date, commit or version, as the user reads it */
  readonly label: string;
  /** median over the samples of all runs of the point */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
  /** the newest run of the point */
  readonly run: StoredRun;
  readonly ormVersion: string | null;
}

export interface Series {
  /** the cell without the axes that the points vary */
  readonly cell: string;
  /** machine, server and data, in words */
  readonly conditions: string;
  /** several names of machines joined, by the user's choice */
  readonly machines: readonly string[];
  readonly points: readonly Point[];
}

interface Measured {
  readonly run: StoredRun;
  readonly cell: string;
  readonly samples: readonly SampleRecord[];
}

type RecordedCell = StoredRun["results"]["run"]["cells"][number];

/** The candidate of a gate is this commit; its base is another one, which older runs measured. */
function nameOf(cell: RecordedCell, order: Order): string | null {
  if (cell.side === "base") return null;
  const { side: _side, version, ...axes } = cell;
  return cellId({ ...axes, ...(order !== "version" && { version }) });
}

function measuredOf(run: StoredRun, order: Order): Measured[] {
  const byCell = Map.groupBy(run.results.samples, ({ cell }) => cell.id);
  return run.results.run.cells.flatMap((cell) => {
    const name = nameOf(cell, order);
    const samples = timedSamples(describing(byCell.get(cell.id) ?? []));
    return name === null || samples.length === 0 ? [] : [{ run, cell: name, samples }];
  });
}

const dataOf = ({ results: { run } }: StoredRun): string => {
  const { users, orders, dormantUsers, contentHash } = run.dataset;
  return JSON.stringify([users, orders, dormantUsers, contentHash]);
};

const SHORT_COMMIT = 10;

/** A run without a commit, as of an installed package, is a point by its date. */
function labelOf({ run, samples }: Measured, order: Order): string {
  const { startedAt, environment } = run.results.run;
  if (order === "version") return samples[0]?.ormVersion ?? "unknown";
  if (order === "commit" && environment.gitCommit !== null) return environment.gitCommit.slice(0, SHORT_COMMIT);
  return startedAt.slice(0, 16).replace("T", " ");
}

function pointOf(label: string, measured: readonly Measured[], metric: Metric): Point[] {
  const samples = measured.flatMap((each) => each.samples);
  const values = samples.flatMap((sample) => metric.of(sample) ?? []);
  const run = measured.at(-1)?.run;
  if (values.length === 0 || run === undefined) return [];
  return [
    {
      label,
      value: median(values),
      low: Math.min(...values),
      high: Math.max(...values),
      samples: values.length,
      run,
      ormVersion: samples.at(-1)?.ormVersion ?? null,
    },
  ];
}

function conditionsText({ results: { run } }: StoredRun): string {
  const { machine, server } = run.environment;
  const { users, orders, dormantUsers } = run.dataset;
  const number = (value: number): string => value.toLocaleString("en");
  const dormant = dormantUsers === 0 ? "" : ` + ${number(dormantUsers)}`;
  return `${machine.name}, ${machine.cpu}, ${machine.cores} cores, ${server.provider} ${server.version}, durability ${server.durability}, ${number(users)}${dormant} users, ${number(orders)} orders, data ${run.dataset.contentHash.slice(0, 8)}`;
}

/** The settings that separate groups too. Runs of a group that recorded a setting agree on it. */
function settingsOf(group: readonly StoredRun[]): ReadonlyMap<string, string> {
  const recorded = group.flatMap(({ results: { run } }) => {
    const { machine, server } = run.environment;
    const { isolation, tls, variables } = server;
    return Object.entries({ memory: gibibytes(machine.memoryBytes), isolation, TLS: tls ?? "none", ...variables });
  });
  return new Map(recorded.map(([name, value]) => [name, value ?? "unknown"]));
}

interface Conditions {
  readonly runs: readonly StoredRun[];
  readonly text: string;
}

/** Names the settings that differ where the usual words do not: otherwise two series of one cell look the same. */
function named(groups: readonly (readonly StoredRun[])[]): Conditions[] {
  const known = groups.flatMap((runs) => {
    const [first] = runs;
    return first === undefined ? [] : [{ runs, text: conditionsText(first), settings: settingsOf(runs) }];
  });
  return [...Map.groupBy(known, ({ text }) => text).values()].flatMap((alike) => {
    const names = [...new Set(alike.flatMap(({ settings }) => [...settings.keys()]))];
    const differing = names.filter((name) => new Set(alike.flatMap(({ settings }) => settings.get(name) ?? [])).size > 1);
    return alike.map(({ runs, text, settings }) => ({
      runs,
      text: [text, ...differing.map((name) => `${name} ${settings.get(name) ?? "not recorded"}`)].join(", "),
    }));
  });
}

export interface HistoryOptions extends ConditionOptions {
  readonly order: Order;
  readonly metric: Metric;
}

/** Series with at least one point, in the order of their cells; points in time, or in the order of versions. */
export function seriesOf(runs: readonly StoredRun[], { order, metric, ...conditions }: HistoryOptions): Series[] {
  const inTime = runs.toSorted((a, b) => Date.parse(a.results.run.startedAt) - Date.parse(b.results.run.startedAt));
  const groups = groupByConditions(inTime, conditions).flatMap((group) => [...Map.groupBy(group, dataOf).values()]);
  return named(groups)
    .flatMap(({ runs: group, text }) => {
      const measured = group.flatMap((run) => measuredOf(run, order));
      return [...Map.groupBy(measured, ({ cell }) => cell)].map(([cell, own]): Series => {
        const keyed = [...Map.groupBy(own, (each) => (order === "date" ? each.run.folder : labelOf(each, order)))];
        const points = keyed.flatMap(([, together]) => {
          const [one] = together;
          return one === undefined ? [] : pointOf(labelOf(one, order), together, metric);
        });
        return {
          cell,
          conditions: text,
          machines: [...new Set(own.map(({ run }) => run.results.run.environment.machine.name))],
          points: order === "version" ? points.toSorted((a, b) => compareVersions(a.label, b.label)) : points,
        };
      });
    })
    .filter(({ points }) => points.length > 0)
    .toSorted((a, b) => a.cell.localeCompare(b.cell) || a.conditions.localeCompare(b.conditions));
}
