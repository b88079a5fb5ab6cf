/** The declarations of this tree's plug-ins about the techniques of an answer. */
import { findCell } from "../plan/cell-name.ts";
import { registeredCells } from "../plan/cells.ts";
import type { KnownTechniques } from "../recommend/answer.ts";
import type { EvidenceRun } from "../recommend/candidate.ts";
import type { Described } from "../recommend/sections.ts";
import type { Question } from "../recommend/question.ts";
import { listPlugIns } from "../registry.ts";
import { firstFiles } from "./cell-files.ts";

export interface Techniques extends KnownTechniques, Described {}

/** Lines of code without blank lines and comments. */
const linesIn = (text: string): number => text.split("\n").filter((line) => !/^\s*($|\/?\*|\/\/)/.test(line)).length;

/** Lines of the technique of each cell of the library, by cell id; a user's own technique has none. */
async function linesOfCells(runs: readonly EvidenceRun[], orm: string, known: ReadonlySet<string>): Promise<Map<string, number>> {
  const byStrategy = new Map<string, number>();
  for (const strategy of new Set(runs.flatMap(({ summaries }) => summaries.map(({ cell }) => cell.strategy)))) {
    if (!known.has(strategy)) continue;
    const files = await firstFiles(await findCell(strategy, orm), true);
    byStrategy.set(strategy, linesIn(files.map(({ text }) => text).join("\n")));
  }
  return byStrategy;
}

export async function readTechniques(runs: readonly EvidenceRun[], { orm, prefer }: Question): Promise<Techniques> {
  const strategies = new Map((await listPlugIns("strategy")).map(({ value }) => [value.id, value]));
  const runnable = new Set(
    (await registeredCells())
      .filter(({ cell, skipReason }) => cell.orm === orm && skipReason === null)
      .map(({ cell }) => cell.strategy),
  );
  // only this preference counts lines, and reading the code takes time
  const lines =
    prefer === "simplest" && runnable.size > 0
      ? await linesOfCells(runs, orm, new Set(strategies.keys()))
      : new Map<string, number>();
  return {
    isRowByRow: (strategy) => strategies.get(strategy)?.roundTrips === "per-row",
    canRun: (strategy) => runnable.has(strategy),
    linesOf: ({ summary }) => lines.get(summary.cell.strategy) ?? null,
    summaryOf: (strategy) => strategies.get(strategy)?.summary ?? null,
    setsEqualValues: (strategy) => strategies.get(strategy)?.requires.includes("bulk-update") === true,
  };
}
