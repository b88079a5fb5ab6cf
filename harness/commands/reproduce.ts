/** `bench reproduce`: measures a recorded cell again and lists the differences. */
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { BenchError } from "../../lib/errors.ts";
import { hasColour } from "../../lib/log.ts";
import { confirmPending } from "../run/remote-consent.ts";
import { parseDatabaseSelector, type DatabaseOptions } from "../database/index.ts";
import { openBaseTree, parseBase } from "../gate/base.ts";
import { interruptible } from "../run/interrupt.ts";
import { defaultFolder, newRunId, prepareFolder, startAgain } from "../run/output-folder.ts";
import type { PlanSource } from "../plan/cells.ts";
import { findReporters, publish } from "../reporters/parts/publish.ts";
import { readRecords, RECORDS_FILE } from "../results/records.ts";
import { TREE_URL } from "../registry.ts";
import { count, duration, ESTIMATE_MARK, times } from "../text/format.ts";
import { layOut } from "../text/layout.ts";
import {
  findRecorded,
  evaluateReproduction,
  planRecorded,
  type OwnParts,
  type Recorded,
  type Reproduction,
} from "../compare/reproduce.ts";
import { executeRun } from "../run/runner.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { addDatabaseOptions, formats, withPassword } from "./options.ts";
import { file, folder, positiveInteger } from "./values.ts";
import { MAX_ROUNDS } from "./run.ts";
import { DEFAULT_ROUNDS } from "./run-request.ts";

const EXAMPLES = `
Examples:
  bench reproduce results/2026-11-29/vm/RUN/records.jsonl#chunked/prisma/identity/chunk=500
  bench reproduce 'DIR#naive/drizzle/identity' --rounds 5
  bench reproduce 'DIR#our-batch/prisma/identity' --strategy ./our-batch.ts      name your plug-ins again

bench uses the recorded dataset, seed, settings and limit. If other versions of the library and its driver are installed here,
bench installs the recorded ones. Machine and server are yours: bench lists where they differ from the record.`;

interface ReproduceOptions extends DatabaseOptions, OwnParts {
  rounds: number;
  out?: string;
  format: string[];
  json?: boolean;
  yes?: boolean;
}

async function recordsFileOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() === true ? join(path, RECORDS_FILE) : path;
}

/** @throws BenchError BAD_OPTION, RECORDS_UNREADABLE, UNKNOWN_NAME */
async function readRecorded(reference: string): Promise<Recorded> {
  const at = reference.indexOf("#");
  const [path, id] = [reference.slice(0, at), reference.slice(at + 1)];
  if (at < 1 || id === "")
    throw new BenchError(
      "BAD_OPTION",
      `"${reference}" does not name a cell of a records file`,
      "join the file and the cell with #: DIR/records.jsonl#chunked/prisma/identity/chunk=500",
    );
  return findRecorded(await readRecords(await recordsFileOf(path)), id);
}

/** The tree that runs the cell: the recorded commit for the base of a gate, else this tree. */
async function sourceOf({ results, cell }: Recorded, options: Parameters<typeof openBaseTree>[1]): Promise<PlanSource> {
  if (cell.side !== "base") return { treeUrl: TREE_URL, side: cell.side };
  const commit = results.run.gate?.baseCommit ?? null;
  if (commit === null)
    throw new BenchError(
      "BAD_OPTION",
      `cannot reproduce ${cell.id}: it ran in a folder, and the record has no commit of it`,
      "reproduce the head cell, or run `bench gate` again",
    );
  const request = await parseBase(commit);
  if (request.kind === "axes") throw new Error(`${commit} is no commit`);
  return { treeUrl: (await openBaseTree(request, options)).treeUrl, side: "base" };
}

function render(reproduction: Reproduction, colour: boolean): string {
  const { cell, recordedMs, nowMs, isEstimate, ratio, statements, differing, ormVersion } = reproduction;
  const { base, candidate } = statements;
  const mark = (estimated: boolean): string => (estimated ? ESTIMATE_MARK : "");
  const verdict = statements.change === null ? "unknown" : statements.change === "same" ? "equal" : statements.change;
  const rows = [
    [
      "time (median)",
      `${mark(isEstimate.recorded)}${duration(recordedMs)}`,
      `${mark(isEstimate.now)}${duration(nowMs)}`,
      `${mark(isEstimate.recorded || isEstimate.now)}${times(ratio)}`,
    ],
    ["statements", count(base), count(candidate), verdict],
    [
      "library version",
      ormVersion.recorded ?? "unknown",
      ormVersion.now ?? "unknown",
      ormVersion.recorded === ormVersion.now ? "equal" : "differs",
    ],
    ...differing.map(({ what, before, now }) => [what, before, now, "differs"]),
  ];
  const head = [cell, "recorded", "now", ""];
  const table = layOut(
    head,
    head.map(() => "left" as const),
    rows.map((cells) => ({ cells, below: null })),
    colour,
  );
  const note =
    differing.length === 0
      ? "Machine, server, versions and settings equal the recorded ones."
      : "These differences can explain the whole difference in time. Statements depend only on code and versions.";
  return `${table}\n\n${note}`;
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("reproduce")
    .description("Measures a recorded cell again with the recorded settings, and lists the differences.")
    .argument("<records#cell>", "records file or its folder, then #, then the recorded name of the cell", file)
    .option("--rounds <n>", "number of samples", positiveInteger({ max: MAX_ROUNDS }), DEFAULT_ROUNDS)
    .option("--strategy <path>", "path of your strategy, if the cell ran one", file)
    .option("--orm <path>", "path of your ORM, if the cell ran one, or an unreleased build: drizzle@file:../build", file)
    .option("--out <folder>", "folder for the results", folder)
    .option("--format <ids>", "additional files, comma separated", formats, ["csv", "md"])
    .option("--json", "print only the comparison as JSON to standard output")
    .option("-y, --yes", "do not ask before creating data on a server that bench does not manage, or before a long run there");
  addDatabaseOptions(command)
    .addHelpText("after", EXAMPLES)
    .action((reference: string, options: ReproduceOptions) => reproduce(command, context, reference, options));
};

async function reproduce(command: Command, context: CommandContext, reference: string, options: ReproduceOptions): Promise<void> {
  const log = logFor(command);
  const reporters = await findReporters(options.format);
  const selector = parseDatabaseSelector(options);
  const recorded = await readRecorded(reference);
  const { run } = recorded.results;
  await interruptible(
    async (signal) => {
      const source = await sourceOf(recorded, { log, signal });
      const planned = await planRecorded(recorded, options, source);
      const startedAt = new Date();
      const runId = newRunId(startedAt, `reproduce-${basename(run.runId)}`);
      const folder = options.out ?? defaultFolder(runId, startedAt);
      await prepareFolder(folder);
      const { contentHash: _hash, generatorVersion: _version, ...dataset } = run.dataset;
      const results = await executeRun(
        {
          cells: [planned],
          rounds: options.rounds,
          suite: null,
          timeline: null,
          bufferPoolBytes: run.bufferPoolBytes,
          dataset,
          database: await withPassword(selector, signal),
          runId,
          startedAt,
          folder,
          orderSeed: run.orderSeed,
          continued: null,
        },
        {
          log,
          signal,
          confirm: (pending) => confirmPending(pending, { yes: options.yes === true, show: (text) => log.info(text), signal }),
        },
      );
      signal.throwIfAborted();
      await publish(results, reporters, folder, { print: (text) => log.info(text), log, json: false });
      const reproduction = evaluateReproduction(recorded, results);
      context.print(
        options.json === true ? JSON.stringify(reproduction, null, 2) : render(reproduction, hasColour(process.stdout)),
      );
      const failed = results.samples.find(({ status }) => status === "failed");
      if (failed !== undefined)
        throw new BenchError("CELL_FAILED", `${planned.cell.id} failed: ${failed.reason}`, `read the samples in ${folder}`);
    },
    () => `bench saved the finished samples; ${startAgain(options.out)}`,
  );
}
