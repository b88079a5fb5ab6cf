/** The commands that continue after an answer. */
import type { Command } from "commander";
import type { Answer } from "../recommend/answer.ts";
import { programName, quoted } from "../run/resume-command.ts";
import { givenArguments } from "./given-arguments.ts";

const showCommand = ({ pick: { summary } }: Answer): string =>
  `${programName()} show ${quoted(summary.cell.id.replace(/\/rtt=.*$/, ""))}`;

export function nextOf(command: Command, answer: Answer): string[] {
  const repeated = givenArguments(command, ["--format", "--no-code"]).join(" ");
  const traced = answer.rowByRow?.summary.cell;
  return [
    `Measure it on your machine or server: ${programName()} recommend ${repeated} --fit --time-limit 5min (--db mysql://... for a server)`,
    ...(traced === undefined
      ? []
      : [`Compare the statements of your job with row-by-row code: ${programName()} trace ${quoted(traced.id)}`]),
    `Print every file of the technique: ${showCommand(answer)} --all`,
  ];
}

/** Enough for an interval and for a verdict of `bench compare`. */
const MORE_ROUNDS = 7;

/** An option with the values of all cells; none if `bench run` has this value without the option. */
function option(name: string, values: readonly (string | number)[], usual: string | null): string[] {
  const distinct = [...new Set(values.map(String))];
  return distinct.every((value) => value === usual) ? [] : [`--${name} ${distinct.join(",")}`];
}

/**
 * The recommended cell and those within noise of it, in more rounds with the same data. It sets every axis of a measured cell: without
 * `--key`, `--parallel`, `--split` and `--add-rtt` the command measured other cells.
 */
function moreRounds({ pick, ranked, question, run }: Answer, database: readonly string[]): string {
  const cells = [pick, ...ranked.filter(({ separation }) => separation?.isTie === true).map(({ candidate }) => candidate)].map(
    ({ summary }) => summary.cell,
  );
  const divided = cells.filter(({ workers }) => workers > 1);
  const { users, orders } = run.results.run.dataset;
  return [
    `${programName()} run`,
    ...new Set(cells.map(({ strategy }) => quoted(strategy))),
    `--orm ${quoted(question.orm)}`,
    ...option(
      "key",
      cells.map(({ key }) => key),
      "identity",
    ),
    ...option(
      "chunk",
      cells.flatMap(({ chunkUsers }) => chunkUsers ?? []),
      null,
    ),
    ...option(
      "workers",
      cells.map(({ workers }) => workers),
      "1",
    ),
    ...option(
      "parallel",
      divided.map(({ parallel }) => parallel ?? "threads"),
      "threads",
    ),
    ...option(
      "split",
      divided.map(({ split }) => split ?? "range"),
      "range",
    ),
    ...option(
      "add-rtt",
      cells.flatMap(({ addedRttMs }) => (addedRttMs === null ? [] : [`${addedRttMs}ms`])),
      null,
    ),
    `--users ${users} --orders ${orders} --rounds ${MORE_ROUNDS}`,
    ...database,
  ].join(" ");
}

export const nextOfFit = (answer: Answer, database: readonly string[]): string[] => [
  `Measure more rounds: ${moreRounds(answer, database)}`,
  `Print every file of the technique: ${showCommand(answer)} --all`,
];
