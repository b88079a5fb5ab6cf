/** `bench run`. */
import { join } from "node:path";
import { reporter as markdown } from "../../../harness/reporters/markdown.ts";
import { RECORDS_FILE, readRecords, type RunResults } from "../../../harness/results/records.ts";
import { groupsOfSuite } from "../../../harness/plan/cells.ts";
import type { Suite } from "../../../harness/suites/suite.ts";
import { everyExportIn } from "../../../lib/plug-in-folder.ts";
import { cellsCommand, distinct, option, rttText, scaleOption } from "../command.ts";
import { once, type RecordsKind } from "./kind.ts";

export const publishedRun = once((folder) => readRecords(join(folder, RECORDS_FILE)));

const SUITES = new Map(
  (await everyExportIn<Suite>(new URL("../../../harness/suites/", import.meta.url), "suite", ["suite.ts"])).map((suite) => [
    suite.id,
    suite,
  ]),
);

/** A run can have fewer libraries and round-trip times than its suite. */
async function fewerThanSuite({ cells }: RunResults["run"], id: string): Promise<string> {
  const suite = SUITES.get(id);
  const groups = suite === undefined ? [] : await groupsOfSuite(suite);
  const only = (name: string, own: readonly string[], usual: readonly string[]): string =>
    usual.every((value) => own.includes(value)) ? "" : ` ${name} ${own.join(",")}`;
  const rtts = (values: readonly (number | null)[]): string[] => distinct(values).map(rttText);
  return [
    only(
      "--orm",
      distinct(cells.map(({ orm }) => orm)),
      groups.flatMap(({ orms }) => orms),
    ),
    only(
      "--add-rtt",
      rtts(cells.map(({ addedRttMs }) => addedRttMs)),
      rtts(groups.flatMap(({ addedRttsMs = [] }) => addedRttsMs)),
    ),
  ].join("");
}

async function runCommand({ run }: RunResults): Promise<string> {
  const { suite, cells, rounds, dataset } = run;
  if (suite === null) return cellsCommand(cells, { bufferPoolBytes: run.bufferPoolBytes, rounds });
  const hasTracks = SUITES.get(suite)?.groups.some(({ tracks = [] }) => tracks.length > 1) === true;
  // a run of such a suite on one track has half of its cells
  const track = option("--track", distinct(cells.map(({ track }) => track)), hasTracks ? "" : "default");
  return `npx bench run --suite ${suite}${await fewerThanSuite(run, suite)}${track}${scaleOption(dataset)} --rounds ${rounds}`;
}

export const records: RecordsKind = {
  file: RECORDS_FILE,
  page: "summary.md",
  async conditions(name) {
    const results = await publishedRun(name);
    const { startedAt, environment, rounds, cells } = results.run;
    return { startedAt, environment, rounds, cells: cells.length, command: await runCommand(results) };
  },
  files: async (name) => await markdown.files(await publishedRun(name)),
};
