/** `bench run`. */
import { join } from "node:path";
import { reporter as markdown } from "../../../harness/reporters/markdown.ts";
import { RECORDS_FILE, readRecords, type RunResults } from "../../../harness/results/records.ts";
import type { Suite } from "../../../harness/suites/suite.ts";
import { everyExportIn } from "../../../lib/plug-in-folder.ts";
import { cellsCommand, distinct, option, scaleOption } from "../command.ts";
import { once, type RecordsKind } from "./kind.ts";

export const publishedRun = once((folder) => readRecords(join(folder, RECORDS_FILE)));

/** Their runs on one track have half of the cells. */
const SUITES_WITH_TRACKS = new Set(
  (await everyExportIn<Suite>(new URL("../../../harness/suites/", import.meta.url), "suite", ["suite.ts"]))
    .filter(({ groups }) => groups.some(({ tracks = [] }) => tracks.length > 1))
    .map(({ id }) => id),
);

function runCommand({ run }: RunResults): string {
  const { suite, cells, rounds, dataset } = run;
  if (suite === null) return cellsCommand(cells, { bufferPoolBytes: run.bufferPoolBytes, rounds });
  const orms = distinct(cells.map(({ orm }) => orm));
  // a suite can contain more libraries than the run
  const only = orms.length === 1 ? ` --orm ${orms.join("")}` : "";
  const track = option("--track", distinct(cells.map(({ track }) => track)), SUITES_WITH_TRACKS.has(suite) ? "" : "default");
  return `npx bench run --suite ${suite}${only}${track}${scaleOption(dataset)} --rounds ${rounds}`;
}

export const records: RecordsKind = {
  file: RECORDS_FILE,
  page: "summary.md",
  async conditions(name) {
    const results = await publishedRun(name);
    const { startedAt, environment, rounds, cells } = results.run;
    return { startedAt, environment, rounds, cells: cells.length, command: runCommand(results) };
  },
  files: async (name) => await markdown.files(await publishedRun(name)),
};
