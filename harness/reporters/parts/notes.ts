/** Notes beside the numbers, from the records: conditions of the measurement and limits of the numbers. */
import { ormLabel } from "../../plan/cell.ts";
import { roundsOfCell } from "../../plan/planned-samples.ts";
import { runNoise } from "../../results/round-noise.ts";
import type { RunResults } from "../../results/records.ts";
import { summarise, type CellSummary } from "../../results/summary.ts";
import { count, ESTIMATE_MARK, roughPercent, serverName } from "../../text/format.ts";
import { NOTE_WORDS, type NoteWords } from "./note-words.ts";
import { timelineTables } from "./timeline.ts";

/** An interval needs this number of rounds. */
const ENOUGH_ROUNDS = 6;

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
function relaxedDurability({ environment: { server }, cells }: RunResults["run"], words: NoteWords): string[] {
  const risks = server.durabilityRisks.join("; ");
  if (server.durability === "relaxed") return [words.relaxedServer(risks)];
  const named = risks === "" ? [] : [words.crashSafety(risks)];
  const relaxed = cells.filter(({ durability }) => durability !== null).length;
  return relaxed === 0 ? named : [...named, words.relaxedCells(relaxed, cells.length)];
}

/** Warnings of the samples, and the notes that the run recorded. */
export function cautions({ run, samples }: RunResults, words: NoteWords = NOTE_WORDS): string[] {
  const warnings = new Set(samples.flatMap((sample) => sample.warnings));
  return [
    ...[...warnings].map((warning) =>
      words.warning(samples.filter((sample) => sample.warnings.includes(warning)).length, warning),
    ),
    ...run.notes,
  ];
}

/** Warns about more workers than cores: such threads wait for each other. */
function crowdedCores({ cells, environment: { machine } }: RunResults["run"], words: NoteWords): string[] {
  const crowded = [...new Set(cells.map(({ workers }) => workers))].filter((workers) => workers > machine.cores);
  return crowded.length === 0
    ? []
    : [
        words.crowdedCores(
          crowded.toSorted((a, b) => a - b),
          machine.cores,
        ),
      ];
}

/** Explains each missing ratio, so that a reader does not take a dash for an error. */
function missingBaselines(summaries: readonly CellSummary[], words: NoteWords): string[] {
  const timed = summaries.filter(({ cell, medianWallMs }) => cell.ormClass !== "raw" && medianWallMs !== null);
  const named = (missing: readonly CellSummary[], nameOf: (summary: CellSummary) => string): string =>
    [...new Set(missing.map(nameOf))].join(", ");
  const noBaseline = timed.filter(({ ratioToBaseline }) => ratioToBaseline === null);
  const noDriver = timed.filter(({ ratioToBaseline, ratioToOwnDriver }) => ratioToBaseline !== null && ratioToOwnDriver === null);
  return [
    ...(noBaseline.length === 0 ? [] : [words.noBaseline(named(noBaseline, ({ cell }) => cell.strategy))]),
    ...(noDriver.length === 0 ? [] : [words.noDriver(named(noDriver, ({ cell }) => `${ormLabel(cell)} (${cell.driver})`))]),
  ];
}

/** Names each cell of which a limit stopped only some samples. */
const partlyStopped = (summaries: readonly CellSummary[], words: NoteWords): string[] =>
  summaries
    .filter(({ leftOut }) => leftOut > 0)
    .map(({ cell, status, samples, leftOut }) =>
      status === "ok" ? words.mostlyComplete(cell.id, samples, leftOut) : words.mostlyStopped(cell.id, samples, leftOut),
    );

/** Names each cell whose complete samples sent different numbers of statements, although none had a retry. */
function changingCounts({ run, samples }: RunResults, words: NoteWords): string[] {
  return run.cells.flatMap(({ id }) => {
    const counts = samples
      .filter(({ cell, status, retries }) => cell.id === id && status === "ok" && retries === 0)
      .flatMap(({ statements }) => statements ?? []);
    const [low, high] = [Math.min(...counts), Math.max(...counts)];
    return counts.length === 0 || low === high ? [] : [words.changingCounts(id, count(low), count(high))];
  });
}

/** A cell that opens more statements than one for every tenth written row opens them per row, and not per kind of statement. */
const OPEN_PER_ROW = 0.1;
const MIN_OPEN = 100;

/** Names each cell that leaves prepared statements open: a longer job reaches the limit of the server, 16,382 by default. */
function openStatements({ run, samples }: RunResults, words: NoteWords): string[] {
  return run.cells.flatMap(({ id }) => {
    const left = samples.flatMap(({ cell, costs, rowsWritten }) => {
      if (cell.id !== id || costs === null || rowsWritten === null) return [];
      const open = (costs.preparedOpenAtEnd ?? 0) - (costs.preparedOpenBefore ?? 0);
      return open >= Math.max(MIN_OPEN, OPEN_PER_ROW * rowsWritten) ? [open] : [];
    });
    return left.length === 0 ? [] : [words.openStatements(id, count(Math.max(...left)))];
  });
}

/** Names each cell whose statements had too many keys for a range of an index: no error shows it. */
function rangeLimits({ run, samples }: RunResults, words: NoteWords): string[] {
  return run.cells.flatMap(({ id }) => {
    const plans = samples.flatMap(({ cell, costs }) => (cell.id === id ? (costs?.rangeLimitsExceeded ?? []) : []));
    const most = Math.max(0, ...plans);
    return most === 0 ? [] : [words.rangeLimits(id, count(most))];
  });
}

/** Names the cells that the plan measures in fewer rounds than the others. */
function fewerRounds({ cells }: RunResults["run"], rounds: number, words: NoteWords): string[] {
  const limited = cells.filter((cell) => roundsOfCell(cell, rounds) < Math.min(rounds, ENOUGH_ROUNDS));
  const byRounds = Map.groupBy(limited, (cell) => roundsOfCell(cell, rounds));
  return [...byRounds].map(([few, found]) => words.fewerRounds(found.map(({ id }) => id).join(", "), few, rounds));
}

/** Explains a missing timeline of the suite. */
function missingTimeline(results: RunResults, words: NoteWords): string[] {
  const { timeline, cells } = results.run;
  if (timeline === null || timelineTables(results) !== null) return [];
  const ids = new Set(cells.map(({ id }) => id));
  return [
    words.missingTimeline(
      timeline.title,
      timeline.stages.some(({ cellId }) => ids.has(cellId)),
    ),
  ];
}

export function notes(results: RunResults, words: NoteWords = NOTE_WORDS): string[] {
  const { run, samples, end } = results;
  const summaries = summarise(results);
  const verified = samples.filter((sample) => sample.verified === true).length;
  const measured = samples.filter((sample) => sample.status !== "skipped").length;
  const retries = samples.reduce((sum, sample) => sum + (sample.retries ?? 0), 0);
  const noise = runNoise(results);
  // of an interrupted run, the measured ones and not the planned ones
  const measuredRounds = Math.max(0, ...samples.map(({ round }) => round));
  const rounds = end?.how === "complete" || measuredRounds === 0 ? run.rounds : Math.min(run.rounds, measuredRounds);
  return [
    ...relaxedDurability(run, words),
    words.verified(verified, measured),
    ...(rounds < ENOUGH_ROUNDS ? [words.fewRounds(rounds, ENOUGH_ROUNDS)] : []),
    ...fewerRounds(run, rounds, words),
    ...(noise === null ? [] : [words.noise(noise.cell, roughPercent(noise.typicalDifference), noise.pairs)]),
    ...(summaries.some(({ status }) => status === "timed-out") ? [words.estimates(ESTIMATE_MARK)] : []),
    ...partlyStopped(summaries, words),
    ...changingCounts(results, words),
    ...openStatements(results, words),
    ...rangeLimits(results, words),
    ...missingTimeline(results, words),
    ...missingBaselines(summaries, words),
    ...crowdedCores(run, words),
    ...(retries > 0 ? [words.retries(retries)] : []),
    ...cautions(results, words),
    ...(results.resumptions > 0 ? [words.resumptions(results.resumptions)] : []),
    ...(end === null ? [words.noEnd] : end.how === "complete" ? [] : [words.incomplete(end.how)]),
  ];
}
