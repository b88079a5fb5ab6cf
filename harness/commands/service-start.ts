/** The steps of each verb before it serves requests: checks names, finds the token, checks that the data exists. */
import type { Command } from "commander";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { partitioningIds } from "../../api/cluster/partitionings/registry.ts";
import { guardIds } from "../../api/guards/registry.ts";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import type { DatasetParameters } from "../../fixtures/index.ts";
import { BenchError } from "../../lib/errors.ts";
import { reasonOfFile } from "../../lib/file-errors.ts";
import type { Log } from "../../lib/log.ts";
import { secretOf } from "../../lib/secrets.ts";
import { describeTarget, type ConnectionTarget } from "../../lib/target.ts";
import { databaseArguments, type Database, type DatabaseSelector } from "../database/index.ts";
import { unknownName } from "../registry.ts";
import { orAborted } from "../run/interrupt.ts";
import { programName, quoted } from "../run/resume-command.ts";
import { findService, isSetUp, requireParameters, serviceTarget, setUpService } from "../scenario/service-data.ts";
import { file, text } from "./values.ts";
import type { DatasetOptions } from "./options.ts";

export const MAX_PORT = 65_535;
export const TOKEN_VARIABLE = "BENCH_API_TOKEN";
const MIN_TOKEN_CHARS = 16;

export async function checkGuard(id: string): Promise<void> {
  const ids = await guardIds();
  if (!ids.includes(id)) throw unknownName("guard", id, ids);
}

export async function checkPartitioning(id: string): Promise<void> {
  const ids = await partitioningIds();
  if (!ids.includes(id)) throw unknownName("partitioning", id, ids);
}

/** Adds `--guard`, `--partitioning` and `--token-file`. */
export const addServingOptions = (command: Command): Command =>
  command
    .option("--guard <id>", "guard that protects requests from the batch", text({ names: guardIds }), DEFAULT_OPTIONS.guard)
    .option(
      "--partitioning <id>",
      "how the instances of one schema divide the users of a batch",
      text({ names: partitioningIds }),
      DEFAULT_OPTIONS.partitioning,
    )
    .option(
      "--token-file <file>",
      `file with the administration token (else ${TOKEN_VARIABLE}, else bench generates one and prints it once)`,
      file,
    );

/** @returns the token; `isNew` is true for a generated token, which the caller must print */
export async function adminToken(tokenFile: string | undefined): Promise<{ token: string; isNew: boolean }> {
  const fromFile = tokenFile === undefined ? undefined : await readToken(tokenFile);
  const token = fromFile ?? secretOf(TOKEN_VARIABLE)?.trim();
  if (token === undefined || token === "") return { token: randomBytes(24).toString("base64url"), isNew: true };
  const where = fromFile === undefined ? TOKEN_VARIABLE : `the file ${tokenFile}`;
  if (token.length < MIN_TOKEN_CHARS || /\s/.test(token))
    throw new BenchError(
      "BAD_OPTION",
      `the administration token in ${where} is unusable: ${token.length} characters, or white space in it`,
      `use ${MIN_TOKEN_CHARS} or more without spaces, for example from \`openssl rand -hex 24\``,
    );
  return { token, isNew: false };
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new BenchError(
      "BAD_OPTION",
      `cannot read --token-file ${path}: ${reasonOfFile(error)}`,
      "pass a readable file that holds the token",
    );
  }
}

/** Without these options, bench serves the existing data. */
const DATASET_OPTIONS: readonly (keyof DatasetOptions)[] = ["users", "orders", "scale", "dormantUsers", "dataSeed"];
const setsDataset = (command: Command): boolean => DATASET_OPTIONS.some((name) => command.getOptionValueSource(name) === "cli");

const notSetUp = (target: ConnectionTarget, server: DatabaseSelector): BenchError =>
  new BenchError(
    "NOT_SET_UP",
    `cannot serve from ${describeTarget(target)}: it has no data and tables of the service`,
    `create them with: ${[programName(), "api setup", ...databaseArguments(server).map(quoted)].join(" ")}`,
  );

interface DataRequest {
  /** the verb, with the options that the user gave */
  readonly command: Command;
  readonly selector: DatabaseSelector;
  readonly parameters: DatasetParameters;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Loads missing data on a server that bench manages, and never changes existing data.
 * @throws BenchError NOT_SET_UP on other servers, DATA_IN_USE
 */
export async function ensureServiceData(database: Database, request: DataRequest): Promise<ConnectionTarget> {
  const { command, selector, parameters, log, signal } = request;
  const target = serviceTarget(database);
  const found = await orAborted(findService(target), signal);
  if (isSetUp(found)) {
    if (setsDataset(command) && found.parameters !== null) requireParameters(target, found.parameters, parameters);
  } else {
    if (!database.owned) throw notSetUp(target, selector);
    await orAborted(setUpService(database, parameters, { replace: false, yes: false, log, signal }), signal);
  }
  return target;
}
