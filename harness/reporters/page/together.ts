/** Several runs side by side, where their conditions agree; otherwise the differences that forbid it. */
import type { RunRecord, RunResults } from "../../results/records.ts";
import { conditionDifferences } from "../../results/differences.ts";
import type { CellSummary } from "../../results/summary.ts";
import { UNKNOWN } from "../../text/format.ts";
import { paragraph, table, type Block, type Figure } from "./block.ts";
import { dotsChart } from "./figures/dots.ts";
import type { TogetherOf } from "./report.ts";
import { timeRow } from "./sections/samples.ts";
import { cellName, comparable, runSubject, timeText, wallOf, type RunSubject } from "./subject.ts";
import type { Words } from "./words/index.ts";

const nameOf = ({ runId }: RunRecord): string => runId;

function differenceBlocks(runs: readonly RunResults[], words: Words): Block[] {
  const [first, ...others] = runs;
  if (first === undefined) return [];
  return others.flatMap(({ run }) =>
    table(
      words.runs.differenceTable(nameOf(run)),
      words.runs.difference,
      conditionDifferences(first.run, run).map(({ what, before, now }) => [what, before, now]),
    ),
  );
}

/** True for runs on the same machine and server, with the same settings and data. */
function agree(runs: readonly RunResults[]): boolean {
  const [first, ...others] = runs;
  return first !== undefined && others.every(({ run }) => conditionDifferences(first.run, run).length === 0);
}

function figure(subjects: readonly RunSubject[], words: Words): Figure {
  const colours = new Map(subjects.flatMap((subject) => [...subject.colours]));
  const rows = subjects
    .flatMap((subject) => subject.summaries.map((summary) => ({ subject, summary })))
    .filter(({ summary }) => wallOf(summary) !== null)
    .toSorted((a, b) => (wallOf(a.summary) ?? 0) - (wallOf(b.summary) ?? 0))
    .map(({ subject, summary }) =>
      timeRow(subject, summary, words, `${cellName({ chunkUsers: null }, summary)} · ${nameOf(subject.results.run)}`),
    );
  return {
    kind: "figure",
    id: "runs",
    title: words.runs.figure,
    reading: words.runs.reading,
    numbers: rows.map(({ name, label }) => words.samples.row(name, label)),
    spec: (width) => dotsChart({ rows, colours, title: words.axis.seconds, logarithmic: words.axis.logarithmic }, width),
  };
}

function timesByRun(subjects: readonly RunSubject[], words: Words): Block[] {
  const byId = Map.groupBy(
    subjects.flatMap((subject) => subject.summaries.map((summary) => ({ subject, summary }))),
    ({ summary }) => summary.cell.id,
  );
  const text = (summary: CellSummary | undefined): string =>
    summary === undefined ? UNKNOWN : wallOf(summary) === null ? words.status[summary.status] : timeText(summary);
  return table(
    words.runs.table,
    [words.column.cell, ...subjects.map(({ results }) => nameOf(results.run))],
    [...byId].map(([id, own]) => [id, ...subjects.map((subject) => text(own.find((each) => each.subject === subject)?.summary))]),
  );
}

/** The cell with the smallest median of all runs; null without a complete cell. */
function fastestOf(subjects: readonly RunSubject[]): { cell: string; time: string; run: string } | null {
  const [first] = subjects
    .flatMap((subject) => comparable(subject.summaries).map((summary) => ({ subject, summary })))
    .filter(({ summary }) => summary.medianWallMs !== null)
    .toSorted((a, b) => (a.summary.medianWallMs ?? 0) - (b.summary.medianWallMs ?? 0));
  return first === undefined
    ? null
    : {
        cell: cellName({ chunkUsers: null }, first.summary),
        time: timeText(first.summary),
        run: nameOf(first.subject.results.run),
      };
}

/** @param runs two or more @param parts of the report, with those of other records */
export const togetherOf =
  (runs: readonly RunResults[], parts: number): TogetherOf =>
  async (words) => {
    if (runs.length < 2) return { answer: words.page.several(parts), sections: [] };
    if (!agree(runs)) {
      const blocks = [paragraph(words.runs.differ), ...differenceBlocks(runs, words)];
      return { answer: words.runs.differing(runs.length), sections: [{ id: "runs", title: words.runs.title, blocks }] };
    }
    const subjects: RunSubject[] = [];
    for (const results of runs) subjects.push(await runSubject(results));
    const blocks = [paragraph(words.runs.same), figure(subjects, words), ...timesByRun(subjects, words)];
    return {
      answer: words.runs.answer(runs.length, fastestOf(subjects)),
      sections: [{ id: "runs", title: words.runs.title, blocks }],
    };
  };
