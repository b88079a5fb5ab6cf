/** The published runs with their conditions: date, commit, machine, rounds, cells and command. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CHAOS_RECORDS_FILE } from "../../../harness/chaos/records.ts";
import { POWER_RECORDS_FILE } from "../../../harness/chaos/power/records.ts";
import type { RunResults } from "../../../harness/results/records.ts";
import { LIMITS_RECORDS_FILE } from "../../../harness/limits/records.ts";
import { API_RECORDS_FILE } from "../../../harness/scenario/records.ts";
import { markdownLines } from "../../../harness/text/markdown.ts";
import { linkTo, type BlockKind } from "../block.ts";
import { chaosCommand, limitsCommand, powerCommand, runCommand, scenarioCommand } from "../command.ts";
import { publishedChaos, publishedLimits, publishedPower, publishedRun, publishedScenario } from "../published.ts";
import { RUN_NAMES, runFolder, runPath, type RunName } from "../runs.ts";

const HEAD = ["run", "date", "commit", "machine", "rounds", "cells", "command"];
const COMMIT_DIGITS = 10;

interface Recorded {
  readonly startedAt: string;
  readonly environment: Pick<RunResults["run"]["environment"], "machine" | "gitCommit">;
  /** absent: the run has no rounds */
  readonly rounds?: number;
}

function row(link: string, { startedAt, environment, rounds }: Recorded, cells: number, command: string): string[] {
  const { machine, gitCommit } = environment;
  return [
    link,
    startedAt.slice(0, 10),
    gitCommit === null ? "unknown" : `\`${gitCommit.slice(0, COMMIT_DIGITS)}\``,
    `${machine.cpu}, ${machine.cores} cores`,
    rounds === undefined ? "-" : String(rounds),
    String(cells),
    `\`${command}\``,
  ];
}

/** A chaos run of several commands has the commit of the last one. */
async function chaosRow(name: RunName, link: string): Promise<string[]> {
  const results = await publishedChaos(name);
  const last = results.starts.at(-1);
  if (last === undefined) throw new Error(`the records of ${name} have no start. Run bench chaos again.`);
  const faults = new Set(results.trials.map(({ fault }) => fault)).size;
  return row(link, { startedAt: last.startedAt, environment: last }, faults, chaosCommand(results));
}

async function powerRow(name: RunName, link: string): Promise<string[]> {
  const results = await publishedPower(name);
  const last = results.starts.at(-1);
  if (last === undefined) throw new Error(`the records of ${name} have no start. Run npm run chaos:power again.`);
  const pairs = new Set(results.trials.map(({ mutant, fault }) => `${mutant} ${fault}`)).size;
  return row(link, { startedAt: last.startedAt, environment: last }, pairs, powerCommand(results));
}

async function rowOf(name: RunName, page: string): Promise<string[]> {
  const folder = runFolder(name) ?? "";
  const link = (file: string): string => `[${name}](${linkTo(`${folder}${file}`, page)})`;
  if (existsSync(join(runPath(name), API_RECORDS_FILE))) {
    const results = await publishedScenario(name);
    return row(link("api.md"), results.scenario, results.scenario.variants.length, scenarioCommand(results));
  }
  if (existsSync(join(runPath(name), LIMITS_RECORDS_FILE))) {
    const results = await publishedLimits(name);
    return row(link("limits.md"), results.limits, results.searches.length, limitsCommand(results));
  }
  if (existsSync(join(runPath(name), CHAOS_RECORDS_FILE))) return await chaosRow(name, link("chaos.md"));
  if (existsSync(join(runPath(name), POWER_RECORDS_FILE))) return await powerRow(name, link("power.md"));
  const results = await publishedRun(name);
  return row(link("summary.md"), results.run, results.run.cells.length, runCommand(results));
}

export const kind: BlockKind = {
  id: "runs",
  render: async (_, page) => {
    const published = RUN_NAMES.filter((name) => runFolder(name) !== null);
    return markdownLines(HEAD, await Promise.all(published.map((name) => rowOf(name, page))));
  },
};
