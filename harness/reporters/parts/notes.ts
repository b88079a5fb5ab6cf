/** Notes beside the numbers, from the records: conditions of the measurement and limits of the numbers. */
import { ormLabel } from "../../plan/cell.ts";
import { runNoise } from "../../results/round-noise.ts";
import type { RunResults } from "../../results/records.ts";
import { summarise, type CellSummary } from "../../results/summary.ts";
import { count, ESTIMATE_MARK, roughPercent, serverName } from "../../text/format.ts";
import { timelineTables } from "./timeline.ts";

/** Two short lines: the data and server, and the machine. */
export function headlines({ run }: RunResults): [data: string, machine: string] {
  const { machine, server, versions } = run.environment;
  const { users, orders } = run.dataset;
  return [
    `${count(users)} users, ${count(orders)} orders · ${serverName(server.version)} (${server.provider}, durability ${server.durability})`,
    `${machine.cpu}, ${machine.cores} cores · Node ${versions.node ?? "?"} · ${run.startedAt.slice(0, 10)}`,
  ];
}

/** Both headlines in one line. */
export const headline = (results: RunResults): string => headlines(results).join(" · ");

/** The first note: a relaxed cell is not comparable with a durable one. */
function relaxedDurability({ environment: { server }, cells }: RunResults["run"]): string[] {
  const loses =
    "loses commits in a crash of the machine, so commits are faster than in production, above all commits of single rows";
  const risks = server.durabilityRisks.join("; ");
  if (server.durability === "relaxed") return [`RELAXED DURABILITY: the server ${loses}${risks === "" ? "" : ` (${risks})`}.`];
  const named = risks === "" ? [] : [`Crash safety: ${risks}. Commits are durable.`];
  const relaxed = cells.filter(({ durability }) => durability !== null).length;
  return relaxed === 0
    ? named
    : [
        ...named,
        `RELAXED DURABILITY in ${relaxed} of ${cells.length} cells, marked "relaxed": the server ${loses}. bench compares these cells only with each other.`,
      ];
}

/** Warnings of the samples, and the notes that the run recorded. */
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

/** Warns about more workers than cores: such threads wait for each other. */
function crowdedCores({ cells, environment: { machine } }: RunResults["run"]): string[] {
  const crowded = [...new Set(cells.map(({ workers }) => workers))].filter((workers) => workers > machine.cores);
  return crowded.length === 0
    ? []
    : [
        `${crowded.toSorted((a, b) => a - b).join(" and ")} workers on ${machine.cores} ${machine.cores === 1 ? "core" : "cores"} compete for CPU time. Their times do not show the gain of more cores.`,
      ];
}

/** Explains each missing ratio, so that a reader does not take a dash for an error. */
function missingBaselines(summaries: readonly CellSummary[]): string[] {
  const timed = summaries.filter(({ cell, medianWallMs }) => cell.ormClass !== "raw" && medianWallMs !== null);
  const named = (missing: readonly CellSummary[], nameOf: (summary: CellSummary) => string): string =>
    [...new Set(missing.map(nameOf))].join(", ");
  const noBaseline = timed.filter(({ ratioToBaseline }) => ratioToBaseline === null);
  const noDriver = timed.filter(({ ratioToBaseline, ratioToOwnDriver }) => ratioToBaseline !== null && ratioToOwnDriver === null);
  return [
    ...(noBaseline.length === 0
      ? []
      : [
          `No ratio to a raw driver for ${named(noBaseline, ({ cell }) => cell.strategy)}: this run has no time of a raw driver with the same technique, key, chunk and workers. A technique that only a library offers, such as a unit of work, has no such ratio.`,
        ]),
    ...(noDriver.length === 0
      ? []
      : [
          `No ratio to its own driver for ${named(noDriver, ({ cell }) => `${ormLabel(cell)} (${cell.driver})`)}: this run has no time of that driver with the same technique.`,
        ]),
  ];
}

/** Names each cell of which a limit stopped only some samples. */
function partlyStopped(summaries: readonly CellSummary[]): string[] {
  return summaries
    .filter(({ leftOut }) => leftOut > 0)
    .map(({ cell, status, samples, leftOut }) =>
      status === "ok"
        ? `${cell.id}: its values are those of ${samples} complete samples. A limit stopped ${leftOut} more, which took longer.`
        : `${cell.id}: its values are estimates from ${samples} samples that a limit stopped. ${leftOut} more were complete in less time.`,
    );
}

/** Names each cell whose complete samples sent different numbers of statements, although none had a retry. */
function changingCounts({ run, samples }: RunResults): string[] {
  return run.cells.flatMap(({ id }) => {
    const counts = samples
      .filter(({ cell, status, retries }) => cell.id === id && status === "ok" && retries === 0)
      .flatMap(({ statements }) => statements ?? []);
    const [low, high] = [Math.min(...counts), Math.max(...counts)];
    return counts.length === 0 || low === high
      ? []
      : [`${id} sent ${count(low)} to ${count(high)} statements without a retry: the same work should send the same number.`];
  });
}

/** A cell that opens more statements than one for every tenth written row opens them per row, and not per kind of statement. */
const OPEN_PER_ROW = 0.1;
const MIN_OPEN = 100;

/** Names each cell that leaves prepared statements open: a longer job reaches the limit of the server, 16,382 by default. */
function openStatements({ run, samples }: RunResults): string[] {
  return run.cells.flatMap(({ id }) => {
    const left = samples.flatMap(({ cell, costs, rowsWritten }) => {
      if (cell.id !== id || costs === null || rowsWritten === null) return [];
      const open = (costs.preparedOpenAtEnd ?? 0) - (costs.preparedOpenBefore ?? 0);
      return open >= Math.max(MIN_OPEN, OPEN_PER_ROW * rowsWritten) ? [open] : [];
    });
    return left.length === 0
      ? []
      : [
          `${id} left ${count(Math.max(...left))} prepared statements open. A longer job fails at the server's max_prepared_stmt_count.`,
        ];
  });
}

/** Explains a missing timeline of the suite. */
function missingTimeline(results: RunResults): string[] {
  const { timeline, cells } = results.run;
  if (timeline === null || timelineTables(results) !== null) return [];
  const ids = new Set(cells.map(({ id }) => id));
  const cause = timeline.stages.some(({ cellId }) => ids.has(cellId))
    ? "its first stage has no time"
    : "the options of the run select other cells";
  return [`No table "${timeline.title}": ${cause}.`];
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
    `${verified} of ${measured} samples verified: every output row equals the expected row. A sample that fails verification gets no time.`,
    ...(run.rounds < 6
      ? [
          `${run.rounds} ${run.rounds === 1 ? "round" : "rounds"}: an impression, not a verdict. Differences of tens of percent may be noise. An interval needs at least 6 rounds.`,
        ]
      : []),
    ...(noise === null
      ? []
      : [
          `Noise: ${noise.cell} differs from itself by ${roughPercent(noise.typicalDifference)} from one round to the next (median of ${noise.pairs}). This difference is noise of the machine.`,
        ]),
    ...(summaries.some(({ status }) => status === "timed-out")
      ? [
          `${ESTIMATE_MARK} marks an estimate: a limit stopped the cell, and bench extended its pace to the whole job. bench verified the users that the cell finished.`,
        ]
      : []),
    ...partlyStopped(summaries),
    ...changingCounts(results),
    ...openStatements(results),
    ...missingTimeline(results),
    ...missingBaselines(summaries),
    ...crowdedCores(run),
    ...(retries > 0
      ? [`${retries} retries after deadlocks or lock waits, by the same policy for all strategies; the times include their cost.`]
      : []),
    ...cautions(results),
    ...(results.resumptions > 0
      ? [
          `The run was interrupted and continued ${results.resumptions === 1 ? "once" : `${results.resumptions} times`}: hours may lie between rounds.`,
        ]
      : []),
    ...(end === null
      ? ["The records contain no end of the run: samples may be missing."]
      : end.how === "complete"
        ? []
        : [`The run was ${end.how}: samples are missing.`]),
  ];
}
