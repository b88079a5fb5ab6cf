/** Parses and evaluates absolute conditions on every measured cell: `wall<600s,rss<512MB,statements<=1000`. */
import { BenchError } from "../../lib/errors.ts";
import type { SampleRecord } from "../results/records.ts";
import { bytes, count, duration } from "../text/format.ts";
import { BYTE_UNITS } from "../text/units.ts";
import { median } from "../statistics/quantiles.ts";

type Dimension = "time" | "bytes" | "count";

/** Factors to ms, bytes and counts. */
const UNITS: Readonly<Record<Dimension, Readonly<Record<string, number>>>> = {
  time: { ms: 1, s: 1_000, min: 60_000, m: 60_000, h: 3_600_000 },
  bytes: BYTE_UNITS,
  count: { "": 1 },
};

/** For the help of `--require`. */
export const REQUIREMENT_UNITS = Object.entries(UNITS)
  .flatMap(([dimension, units]) => (dimension === "count" ? [] : [`${dimension}: ${Object.keys(units).join(", ")}`]))
  .join("; ");

interface Metric {
  readonly dimension: Dimension;
  readonly of: (sample: SampleRecord) => number | null;
  /** the median of a time, because times are noisy; the worst sample of a hard limit */
  readonly across: "median" | "worst";
}

/** The counter is of the whole server: statements of other programs are open before the sample too. */
function openedBySample({ costs }: SampleRecord): number | null {
  if (costs?.preparedOpenAtEnd == null) return null;
  return Math.max(0, costs.preparedOpenAtEnd - (costs.preparedOpenBefore ?? 0));
}

const METRICS: Readonly<Record<string, Metric>> = {
  wall: { dimension: "time", of: ({ wallMs }) => wallMs, across: "median" },
  cpu: { dimension: "time", of: ({ clientCpuMs }) => clientCpuMs, across: "median" },
  rss: { dimension: "bytes", of: ({ peakRssBytes }) => peakRssBytes, across: "worst" },
  statements: { dimension: "count", of: ({ statements }) => statements, across: "worst" },
  retries: { dimension: "count", of: ({ retries }) => retries, across: "worst" },
  "prepared-open": { dimension: "count", of: openedBySample, across: "worst" },
};

export interface Requirement {
  /** the user's text */
  readonly text: string;
  readonly metric: string;
  readonly operator: "<" | "<=";
  /** in ms, bytes or counts */
  readonly limit: number;
}

/** The number may have the form of reports: `~1,204`. */
const SHAPE = /^([a-z]+(?:-[a-z]+)*)\s*(<=?)\s*~?(\d+(?:,\d{3})*(?:\.\d+)?)\s*([A-Za-z]*)$/;
/** A comma between digits groups them; any other comma separates conditions. */
const SEPARATOR = /(?<!\d),|,(?!\d{3}(?!\d))/;

function parseOne(text: string): Requirement {
  const bad = (what: string, fix: string): BenchError => new BenchError("BAD_OPTION", `--require ${text}: ${what}`, fix);
  const [, name = "", operator, digits, unit = ""] = SHAPE.exec(text) ?? [];
  if ((operator !== "<" && operator !== "<=") || digits === undefined)
    throw bad("not a condition", "write name, < or <=, number and unit: wall<600s, rss<512MB or statements<=1000");
  const metric = METRICS[name];
  if (metric === undefined) throw bad(`unknown metric "${name}"`, `use one of ${Object.keys(METRICS).join(", ")}`);
  const units = UNITS[metric.dimension];
  const factor = units[unit];
  if (factor === undefined) {
    const known = Object.keys(units).filter((each) => each !== "");
    throw known.length === 0
      ? bad(`${name} takes no unit`, `write ${name}${operator}${digits}`)
      : bad(
          unit === "" ? `${digits} has no unit` : `"${unit}" is not a unit of ${name}`,
          `write for example ${name}${operator}${digits}${known[1]}; units are ${known.join(", ")}`,
        );
  }
  return { text, metric: name, operator, limit: Number(digits.replaceAll(",", "")) * factor };
}

/** @throws BenchError BAD_OPTION */
export function parseRequirements(text: string): Requirement[] {
  return text.split(SEPARATOR).map((part) => parseOne(part.trim()));
}

export interface EvaluatedRequirement {
  readonly cell: string;
  readonly requirement: string;
  /** null if no sample has a value; the condition then counts as not met */
  readonly value: number | null;
  readonly shown: string;
  readonly met: boolean;
}

const SHOW: Readonly<Record<Dimension, (value: number) => string>> = {
  time: duration,
  bytes,
  count,
};

/** @param samples of one cell */
export function evaluateRequirement(
  cell: string,
  { text, metric: name, operator, limit }: Requirement,
  samples: readonly SampleRecord[],
): EvaluatedRequirement {
  const metric = METRICS[name];
  // a stopped sample used less time, memory and statements than the whole job
  const whole = samples.filter(({ status }) => status === "ok");
  const values = metric === undefined ? [] : whole.flatMap((sample) => metric.of(sample) ?? []);
  if (metric === undefined || values.length === 0 || whole.length < samples.length)
    return { cell, requirement: text, value: null, shown: "unknown", met: false };
  const value = metric.across === "median" ? median(values) : Math.max(...values);
  const met = operator === "<" ? value < limit : value <= limit;
  return { cell, requirement: text, value, shown: SHOW[metric.dimension](value), met };
}
