/** What must be said beside the numbers, from the records: how they were made, and what they don't show. */
import { ormLabel } from "../../plan/cell.ts";
import { runNoise } from "../../results/round-noise.ts";
import type { RunResults } from "../../results/records.ts";
import { summarise, type CellSummary } from "../../results/summary.ts";
import { count, ESTIMATE_MARK, serverName } from "../../text/format.ts";
import { timelineTables } from "./timeline.ts";

/** What was measured, and on what: two short lines. */
export function headlines({ run }: RunResults): [data: string, machine: string] {
  const { machine, server, versions } = run.environment;
  const { users, orders } = run.dataset;
  return [
    `${count(users)} users, ${count(orders)} orders · ${serverName(server.version)} (${server.provider}, durability ${server.durability})`,
    `${machine.cpu}, ${machine.cores} cores · Node ${versions.node ?? "?"} · ${run.startedAt.slice(0, 10)}`,
  ];
}

/** The same in one line. */
export const headline = (results: RunResults): string => headlines(results).join(" · ");

/** Before anything else, because nothing of it compares to what is not. */
function relaxedDurability({ environment: { server }, cells }: RunResults["run"]): string[] {
  const loses = "loses commits when the machine dies, so commits cost less than in production, most of all those of single rows";
  const risks = server.durabilityRisks.join("; ");
  if (server.durability === "relaxed") return [`RELAXED DURABILITY: the server ${loses}${risks === "" ? "" : ` (${risks})`}.`];
  const named = risks === "" ? [] : [`Crash safety: ${risks}. Commits are durable.`];
  const relaxed = cells.filter(({ durability }) => durability !== null).length;
  return relaxed === 0
    ? named
    : [
        ...named,
        `RELAXED DURABILITY in ${relaxed} of ${cells.length} cells, named so: the server ${loses}. Each is compared to such cells alone.`,
      ];
}

/** What samples were warned of, and what could not be known of the run. */
export function cautions({ run, samples }: RunResults): string[] {
  const warnings = new Set(samples.flatMap((sample) => sample.warnings));
  return [
    ...[...warnings].map((warning) => {
      const count = samples.filter((sample) => sample.warnings.includes(warning)).length;
      return `Warning on ${count} ${count === 1 ? "sample" : "samples"}: ${warning}.`;
    }),
    ...run.notes,
  ];
}

/** Threads beyond the cores wait for one another. */
function crowdedCores({ cells, environment: { machine } }: RunResults["run"]): string[] {
  const crowded = [...new Set(cells.map(({ workers }) => workers))].filter((workers) => workers > machine.cores);
  return crowded.length === 0
    ? []
    : [
        `${crowded.toSorted((a, b) => a - b).join(" and ")} workers on ${machine.cores} ${machine.cores === 1 ? "core" : "cores"} measure how they get in one another's way, not what more cores would bring.`,
      ];
}

/** So that a dash in place of a ratio isn't taken for an oversight. */
function missingFloors(summaries: readonly CellSummary[]): string[] {
  const timed = summaries.filter(({ cell, medianWallMs }) => cell.ormClass !== "raw" && medianWallMs !== null);
  const named = (missing: readonly CellSummary[], nameOf: (summary: CellSummary) => string): string =>
    [...new Set(missing.map(nameOf))].join(", ");
  const noBaseline = timed.filter(({ ratioToBaseline }) => ratioToBaseline === null);
  const noDriver = timed.filter(({ ratioToBaseline, ratioToOwnDriver }) => ratioToBaseline !== null && ratioToOwnDriver === null);
  return [
    ...(noBaseline.length === 0
      ? []
      : [
          `No ratio to a raw driver for ${named(noBaseline, ({ cell }) => cell.strategy)}: none has a time by the same technique, key, chunk and workers here. What only a library offers, its unit of work for example, can have none.`,
        ]),
    ...(noDriver.length === 0
      ? []
      : [
          `No ratio to its own driver for ${named(noDriver, ({ cell }) => `${ormLabel(cell)} (${cell.driver})`)}: that has no time by the same technique here.`,
        ]),
  ];
}

/** A suite's story that this run can't tell. */
function untoldStory(results: RunResults): string[] {
  const { timeline, cells } = results.run;
  if (timeline === null || timelineTables(results) !== null) return [];
  const ids = new Set(cells.map(({ id }) => id));
  const why = timeline.stages.some(({ cellId }) => ids.has(cellId))
    ? "its first stage has no time"
    : "the run's options ask for other cells than its stages";
  return [`"${timeline.title}" is not told: ${why}.`];
}

export function notes(results: RunResults): string[] {
  const { run, samples, end } = results;
  const summaries = summarise(results);
  const verified = samples.filter((sample) => sample.verified === true).length;
  const measured = samples.filter((sample) => sample.status !== "skipped").length;
  const retries = samples.reduce((sum, sample) => sum + (sample.retries ?? 0), 0);
  const noise = runNoise(results);
  return [
    ...relaxedDurability(run),
    `${verified} of ${measured} samples verified: every output row equals the expected one. A sample that fails verification has no time.`,
    ...(run.rounds < 6
      ? [
          `${run.rounds} ${run.rounds === 1 ? "round" : "rounds"}: a look, not a verdict. Differences of tens of percent may be noise; no interval exists below 6 rounds.`,
        ]
      : []),
    ...(noise === null
      ? []
      : [
          `Noise: ${noise.cell} differs from itself by ${(noise.typicalDifference * 100).toFixed(noise.typicalDifference < 0.1 ? 1 : 0)} % from one round to the next (median of ${noise.pairs}): so much is the machine.`,
        ]),
    ...(summaries.some(({ status }) => status === "timed-out")
      ? [
          `${ESTIMATE_MARK} is an estimate: the cell was stopped by its limit and its pace extended to the whole job; the users it finished were verified.`,
        ]
      : []),
    ...untoldStory(results),
    ...missingFloors(summaries),
    ...crowdedCores(run),
    ...(retries > 0
      ? [`${retries} retries after deadlocks or lock waits, by the policy that all strategies share; their cost is in the times.`]
      : []),
    ...cautions(results),
    ...(results.resumptions > 0
      ? [
          `The run was interrupted and continued ${results.resumptions === 1 ? "once" : `${results.resumptions} times`}: rounds may have been hours apart.`,
        ]
      : []),
    ...(end === null
      ? ["The run did not end by itself: samples may be missing."]
      : end.how === "complete"
        ? []
        : [`The run was ${end.how}: samples are missing.`]),
  ];
}
