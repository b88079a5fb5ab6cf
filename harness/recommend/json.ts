/** An answer as data. */
import type { Answer, Ranked } from "./answer.ts";
import type { Candidate } from "./candidate.ts";
import { chosenPoolBytes } from "./pool.ts";

const candidate = ({ id, run, summary, timing, rows, orders, isScaled }: Candidate): object => ({
  technique: id,
  cell: summary.cell.id,
  run: run.folder,
  api: summary.cell.api,
  ormVersion: summary.ormVersion,
  basis: timing.basis,
  ms: timing.ms,
  spread: timing.spread,
  cells: timing.cells,
  notes: timing.notes,
  rows,
  orders,
  isScaled,
  statements: summary.statements,
  peakRssBytes: summary.peakRssBytes,
  longestTransactionMs: summary.costs?.longestTransactionMs ?? null,
  rowLockWaits: summary.costs?.rowLockWaits ?? null,
});

const ranked = (each: Ranked): object => ({ ...candidate(each.candidate), toPick: each.separation });

export const asData = (answer: Answer): object => ({
  question: answer.question,
  run: answer.run.folder,
  whyRun: answer.whyRun,
  bufferPoolBytes: chosenPoolBytes(answer.run.results),
  pick: candidate(answer.pick),
  ranked: answer.ranked.map(ranked),
  excluded: answer.excluded.map((each) => ({ ...candidate(each.candidate), reason: each.reason })),
  rowByRow:
    answer.rowByRow === null
      ? null
      : { ...answer.rowByRow, run: answer.rowByRow.run.folder, summary: undefined, cell: answer.rowByRow.summary.cell.id },
  present: answer.present,
  insideServer: answer.insideServer === null ? null : { cell: answer.insideServer.cell.id, ms: answer.insideServer.medianWallMs },
  promising: answer.promising.map((each) => ({ ...each, run: each.run.folder })),
  furtherRuns: answer.furtherRuns,
  elsewhere: answer.elsewhere.map(candidate),
  beside: answer.beside,
});
