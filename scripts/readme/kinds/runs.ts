/** The published runs with their conditions: date, commit, machine, rounds, cells and command. */
import { markdownLines } from "../../../harness/text/markdown.ts";
import { linkTo, type BlockKind } from "../block.ts";
import { recordsOf } from "../records/kind.ts";
import { RUN_NAMES, runFolder, type RunName } from "../runs.ts";

const HEAD = ["run", "date", "commit", "machine", "rounds", "cells", "command"];
const COMMIT_DIGITS = 10;

async function rowOf(name: RunName, page: string): Promise<string[]> {
  const kind = await recordsOf(name);
  const { startedAt, environment, rounds, cells, command } = await kind.conditions(name);
  const { machine, gitCommit } = environment;
  return [
    `[${name}](${linkTo(`${runFolder(name) ?? ""}${kind.page}`, page)})`,
    startedAt.slice(0, "2026-01-01".length),
    gitCommit === null ? "unknown" : `\`${gitCommit.slice(0, COMMIT_DIGITS)}\``,
    `${machine.cpu}, ${machine.cores} cores`,
    rounds === null ? "-" : String(rounds),
    String(cells),
    `\`${command}\``,
  ];
}

export const kind: BlockKind = {
  id: "runs",
  render: async (_, page) => {
    const published = RUN_NAMES.filter((name) => runFolder(name) !== null);
    return markdownLines(HEAD, await Promise.all(published.map((name) => rowOf(name, page))));
  },
};
