/** The changes of a series: each different count of an exact metric, and tested change points of a noisy one. */
import { differences } from "../results/differences.ts";
import { changePoints } from "../statistics/change-points.ts";
import { median } from "../statistics/quantiles.ts";
import type { Metric } from "./metrics.ts";
import type { Point, Series } from "./series.ts";

export interface Change {
  /** position of the first point after the change */
  readonly index: number;
  readonly before: Point;
  readonly after: Point;
  /** medians of both sides */
  readonly from: number;
  readonly to: number;
  readonly ratio: number;
  /** null: an exact metric needs no test */
  readonly p: number | null;
  /** conditions and versions that changed between the two runs at the change */
  readonly together: readonly string[];
}

export interface ChangeLimits {
  /** smallest effect that counts; 0.05 is 5 % */
  readonly threshold: number;
  readonly alpha: number;
}

const together = (before: Point, after: Point): string[] => [
  ...(before.ormVersion === after.ormVersion
    ? []
    : [`library ${before.ormVersion ?? "unknown"} -> ${after.ormVersion ?? "unknown"}`]),
  ...differences(before.run.results.run, after.run.results.run).map(({ what, before: was, now }) => `${what} ${was} -> ${now}`),
];

function changeAt(
  points: readonly Point[],
  index: number,
  from: readonly Point[],
  to: readonly Point[],
  p: number | null,
): Change[] {
  const [before, after] = [points[index - 1], points[index]];
  if (before === undefined || after === undefined) return [];
  const [was, is] = [median(from.map(({ value }) => value)), median(to.map(({ value }) => value))];
  return [{ index, before, after, from: was, to: is, ratio: is / was, p, together: together(before, after) }];
}

function exactChanges(points: readonly Point[]): Change[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    // samples of several workers differ within one run; ranges that overlap are no change
    if (before === undefined || (point.low <= before.high && before.low <= point.high)) return [];
    return changeAt(points, index, [before], [point], null);
  });
}

function testedChanges(points: readonly Point[], { threshold, alpha }: ChangeLimits): Change[] {
  const found = changePoints(
    points.map(({ value }) => Math.log(value)),
    { alpha },
  );
  const ends = [0, ...found.map(({ index }) => index), points.length];
  return found
    .flatMap(({ index, p }, position) =>
      changeAt(points, index, points.slice(ends[position], index), points.slice(index, ends[position + 2]), p),
    )
    .filter(({ ratio }) => Math.abs(Math.log(ratio)) >= Math.log1p(threshold));
}

export const changesOf = ({ points }: Series, metric: Metric, limits: ChangeLimits): Change[] =>
  metric.isExact ? exactChanges(points) : testedChanges(points, limits);
