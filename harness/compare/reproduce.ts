/** Plans a recorded cell with the packages, settings and seeds of its record, and lists the differences of the new samples. */
import { BenchError } from "../../lib/errors.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { compareStatements, type ComparedStatements } from "./runs.ts";
import { differences, type Difference } from "../results/differences.ts";
import { packageSet } from "../packages/package-set.ts";
import { groupOfCell, planCells, type PlanSource } from "../plan/cells.ts";
import type { RunResults, SampleRecord } from "../results/records.ts";
import { describing } from "../results/timed-samples.ts";
import { unknownName } from "../registry.ts";
import { packageVersion } from "../../lib/installed-package.ts";
import { medianOrNull } from "../statistics/quantiles.ts";

type RecordedCell = RunResults["run"]["cells"][number];

export interface Recorded {
  readonly results: RunResults;
  readonly cell: RecordedCell;
  readonly samples: readonly SampleRecord[];
}

/** @throws BenchError UNKNOWN_NAME */
export function findRecorded(results: RunResults, id: string): Recorded {
  const cell = results.run.cells.find((each) => each.id === id);
  if (cell === undefined)
    throw unknownName(
      "cell of these records",
      id,
      results.run.cells.map((each) => each.id),
    );
  return { results, cell, samples: results.samples.filter((sample) => sample.cell.id === id) };
}

/** Paths that the user passes again: records contain only the id of a user's plug-in, and only the hash of an unreleased build. */
export interface OwnParts {
  readonly strategy?: string;
  readonly orm?: string;
}

const driverOf = (samples: readonly SampleRecord[]): string | null =>
  samples.find(({ driverVersion }) => driverVersion !== null)?.driverVersion ?? null;

/**
 * Plans the recorded cell with the recorded versions of library and driver; other installed versions need a package set.
 * @throws BenchError BAD_OPTION, UNKNOWN_NAME, PLUGIN_INVALID
 */
export async function planRecorded(
  { results, cell, samples }: Recorded,
  own: OwnParts,
  source: PlanSource,
): Promise<PlannedCell> {
  if (cell.version?.startsWith("file.") === true && own.orm === undefined)
    throw new BenchError(
      "BAD_OPTION",
      `cannot reproduce ${cell.id}: it ran an unreleased build of ${cell.orm} (${cell.version})`,
      `pass the build again: --orm ${cell.orm}@file:PATH`,
    );
  const group = groupOfCell({ ...cell, version: null }, cell, own);
  const [planned] = await planCells([group], source);
  if (planned === undefined) throw new Error(`planCells returned no cell for ${cell.id}`);
  if (planned.packages !== null) return planned;
  const { orm, modules } = planned;
  const version = cell.version ?? samples.find(({ ormVersion }) => ormVersion !== null)?.ormVersion ?? null;
  const driver =
    orm.driver === orm.packageName ? null : (driverOf(samples) ?? results.run.environment.versions[orm.driver] ?? null);
  const isInstalled =
    (version === null || version === (await packageVersion(orm.packageName, modules.ormUrl))) &&
    (driver === null || driver === (await packageVersion(orm.driver, modules.ormUrl)));
  const packages =
    isInstalled || version === null
      ? null
      : await packageSet(orm, modules.ormUrl, { kind: "exact", version }, driver === null ? {} : { [orm.driver]: driver });
  // keep the recorded id: the versions equal the recorded ones, with or without an installation
  return { ...planned, packages, cell: { ...planned.cell, id: cell.id, version: cell.version } };
}

export interface Reproduction {
  readonly cell: string;
  /** median in ms of the complete samples, or of the estimates of stopped ones; null without either */
  readonly recordedMs: number | null;
  readonly nowMs: number | null;
  /** true: a limit stopped most samples of that side */
  readonly isEstimate: { readonly recorded: boolean; readonly now: boolean };
  readonly ratio: number | null;
  readonly statements: ComparedStatements;
  /** differences of machine, server, versions and the cell's settings */
  readonly differing: readonly Difference[];
  readonly ormVersion: { readonly recorded: string | null; readonly now: string | null };
}

const SETTINGS = ["api", "code", "driver", "limitMs", "settings", "connection"] as const;

/** Complete samples and estimates never mix: 10 s, 11 s and two estimates of 60 s had the median 35.5 s. */
function timeOf(samples: readonly SampleRecord[]): { readonly ms: number | null; readonly isEstimate: boolean } {
  if (samples.some(({ status }) => status === "failed")) return { ms: null, isEstimate: false };
  const shown = describing(samples);
  return {
    ms: medianOrNull(shown.map(({ wallMs, estimatedWallMs }) => wallMs ?? estimatedWallMs)),
    isEstimate: shown.some(({ status }) => status === "timed-out"),
  };
}

export function evaluateReproduction({ results, cell, samples }: Recorded, again: RunResults): Reproduction {
  const [then, today] = [timeOf(samples), timeOf(again.samples)];
  const [recordedMs, nowMs] = [then.ms, today.ms];
  const now = again.run.cells.find(({ id }) => id === cell.id);
  const ofCell = SETTINGS.flatMap((name) => {
    const [before, after] = [JSON.stringify(cell[name]), JSON.stringify(now?.[name])];
    // settings of another than the pinned version are not recorded
    const isUnknown = name === "settings" && Object.keys(now?.settings ?? {}).length === 0;
    return before === after || isUnknown ? [] : [{ what: `the cell's ${name}`, before, now: after }];
  });
  return {
    cell: cell.id,
    recordedMs,
    nowMs,
    isEstimate: { recorded: then.isEstimate, now: today.isEstimate },
    ratio: recordedMs === null || nowMs === null ? null : nowMs / recordedMs,
    statements: compareStatements(samples, again.samples),
    differing: [...differences(results.run, again.run), ...ofCell],
    ormVersion: { recorded: samples[0]?.ormVersion ?? null, now: again.samples[0]?.ormVersion ?? null },
  };
}
