/** `bench micro`: measures the client's work without a server. */
import { Option, type Command } from "commander";
import { writeFile } from "node:fs/promises";
import { cpus, hostname } from "node:os";
import { join } from "node:path";
import { BenchError, messageOf } from "../../lib/errors.ts";
import { hasColour } from "../../lib/log.ts";
import type { MicroResult } from "../micro/measure.ts";
import { microCsv, microMarkdown, microTable, type MicroRecord } from "../micro/report.ts";
import { columnsOf } from "../text/layout.ts";
import { makeOutputFolder } from "../run/output-folder.ts";
import { installCommand, missingPackages } from "../packages/installed.ts";
import { listPlugIns, unknownName } from "../registry.ts";
import { packageVersion } from "../../lib/installed-package.ts";
import { logFor, type CommandContext, type RegisterCommand } from "./context.ts";
import { durationFrom0, folder, plugIns, text, TIME_UNITS, words } from "./values.ts";

const DEFAULT_TIME_MS = 500;
const MAX_TIME_MS = 600_000;
const MIN_TIME_MS = 1;

const EXAMPLES = `
Examples:
  bench micro                         keys, SQL building, escaping, and row mapping in the ORMs
  bench micro keys sql                two subjects
  bench micro --filter createMany     cases whose name contains createMany
  bench micro --time 2s --out results/micro-today
  bench micro --json | jq '.results[] | {name, medianNs}'

bench micro uses no database, so its times contain no work of the server. bench checks the result of each case before it
measures a time.
Exit code 1 if a case failed.`;

interface MicroOptions {
  time: number;
  filter?: string;
  out?: string;
  json?: boolean;
}

export const register: RegisterCommand = (program, context) => {
  const command = program
    .command("micro")
    .description("Measures the client's work without a server: keys, SQL building, escaping, row mapping.")
    .argument(
      "[subjects...]",
      "subjects to measure (default: all); the error for an unknown subject lists all of them",
      words({ names: plugIns("micro") }),
    )
    .option("--filter <text>", "measure only cases whose name contains this text", text())
    .addOption(
      new Option("--time <time>", `time to run each case (${TIME_UNITS})`)
        .argParser(durationFrom0({ maxMs: MAX_TIME_MS, name: "10min" }))
        .default(DEFAULT_TIME_MS, "500ms"),
    )
    .option("--out <folder>", "write micro.json, micro.csv and micro.md to this folder", folder)
    .option("--json", "print only the record, as JSON, to standard output")
    .addHelpText("after", EXAMPLES)
    .action((subjects: string[], options: MicroOptions) => micro(command, context, subjects, options));
};

async function micro(command: Command, context: CommandContext, subjects: string[], options: MicroOptions): Promise<void> {
  const { time: timeMs, filter, out, json } = options;
  if (timeMs < MIN_TIME_MS) throw new BenchError("BAD_OPTION", "--time 0 measures nothing", "pass a time of 1ms or more");
  const all = await listPlugIns("micro");
  const ids = all.map(({ value }) => value.id);
  const unknown = subjects.find((subject) => !ids.includes(subject));
  if (unknown !== undefined) throw unknownName("micro benchmark", unknown, ids);
  // before the measurement, which can take minutes
  if (out !== undefined) await makeOutputFolder(out);
  // a lazy import keeps the start of the other verbs short
  const { measureCase } = await import("../micro/measure.ts");
  const log = logFor(command);
  const startedAt = new Date().toISOString();
  const results: MicroResult[] = [];
  for (const { url, value: subject } of all.filter(({ value }) => subjects.length === 0 || subjects.includes(value.id))) {
    const { packages = [] } = subject;
    if (missingPackages(packages, url).length > 0) {
      log.warn(`bench skips ${subject.id}, which is not installed: ${installCommand(packages, url)}`);
      continue;
    }
    for (const measured of await subject.cases()) {
      if (filter !== undefined && !measured.name.toLowerCase().includes(filter.toLowerCase())) continue;
      log.info(`${subject.id}: ${measured.name}`);
      results.push(await measureCase(subject.id, measured, timeMs));
    }
  }
  if (results.length === 0)
    throw filter === undefined
      ? new BenchError("PACKAGES_NOT_INSTALLED", `cannot measure ${subjects.join(", ")}: not installed`, "run the command above")
      : new BenchError("BAD_OPTION", `no case name contains "${filter}"`, "run `bench micro` without --filter to see all cases");
  const record: MicroRecord = {
    version: 1,
    startedAt,
    timeMs,
    machine: { name: hostname(), cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length },
    versions: { node: process.versions.node, ...(await versionsOfLibraries()) },
    results,
  };
  if (out !== undefined) await save(record, out);
  context.print(
    json === true ? JSON.stringify(record, null, 2) : microTable(record, hasColour(process.stdout), columnsOf(process.stdout)),
  );
  const failed = results.filter(({ status }) => status === "failed").length;
  if (failed > 0) throw new BenchError("MICRO_FAILED", `${failed} of ${results.length} cases failed`, "read the reasons above");
}

async function versionsOfLibraries(): Promise<Record<string, string | null>> {
  const libraries = (await listPlugIns("orm")).map(({ value }) => value.packageName);
  const packages = [...new Set([...libraries, "uuid", "tinybench"])].toSorted();
  return Object.fromEntries(await Promise.all(packages.map(async (name) => [name, await packageVersion(name)] as const)));
}

async function save(record: MicroRecord, folder: string): Promise<void> {
  try {
    await writeFile(join(folder, "micro.json"), `${JSON.stringify(record, null, 2)}\n`);
    await writeFile(join(folder, "micro.csv"), microCsv(record));
    await writeFile(join(folder, "micro.md"), microMarkdown(record));
  } catch (error) {
    throw new BenchError(
      "RESULTS_NOT_WRITTEN",
      `cannot write to ${folder}: ${messageOf(error)}`,
      "choose another folder with --out",
      error,
    );
  }
}
