/** Options that several verbs share. A wrong value exits with 2 before bench connects to a server. */
import type { Command } from "commander";
import { DEFAULT_VERDICT, type VerdictOptions } from "../statistics/signed-rank.ts";
import { SMALLEST, type DatasetParameters } from "../../fixtures/index.ts";
import { BenchError } from "../../lib/errors.ts";
import { TLS_MODES } from "../../lib/tls.ts";
import { DATABASE_SOURCES, type DatabaseSelector } from "../database/index.ts";
import { promptHidden, canPrompt } from "../text/terminal.ts";
import { AXIS_NAMES } from "../plan/axes.ts";
import { file, list, percent, plugIns, positiveNumber, text, wholeNumber, type Values } from "./values.ts";

export const DEFAULT_USERS = 30_000;
export const DEFAULT_ORDERS = 1_000_000;
const MAX_USERS = 10_000_000;
export const MAX_ORDERS = 1_000_000_000;
const MAX_DATA_SEED = 2 ** 32 - 1;

export const orms = list({ names: plugIns("orm"), paths: "files" });
export const orm = text({ names: plugIns("orm"), paths: "files" });
export const formats = list({ names: plugIns("reporter") });
/** The title of the page and the chart. */
export const title = text();

async function runnableCells(): Promise<string[]> {
  // loaded for completion only
  const { registeredCells, shortName } = await import("../plan/cells.ts");
  return (await registeredCells()).filter(({ skipReason }) => skipReason === null).map(({ cell }) => shortName(cell));
}

export const cell = text({ names: runnableCells, paths: "files" });

/** `orm=drizzle`, or several axes separated by commas; the verb parses them. */
export const axes = (values: Pick<Partial<Values>, "paths"> = {}) =>
  text({ names: AXIS_NAMES.map((name) => `${name}=`), isList: true, ...values });

/** The options of a verdict, the same for `bench compare` and `bench gate`: percent, as numbers or with the sign. */
export interface VerdictPercents {
  delta: number;
  alpha: number;
}

const PERCENT = 100;
const MAX_DELTA_PERCENT = 100;
const MAX_ALPHA_PERCENT = 10;
/** Smaller effects cannot be measured, and a fraction that is meant as percent ("0.05" for 5 %) lies below this limit. */
const MIN_DELTA_PERCENT = 0.5;
const MIN_ALPHA_PERCENT = 0.1;

/** Adds `--delta` and `--alpha`. */
export function addVerdictOptions(command: Command): Command {
  return command
    .option(
      "--delta <percent>",
      "the smallest slow-down that counts",
      percent({ min: MIN_DELTA_PERCENT, max: MAX_DELTA_PERCENT }),
      DEFAULT_VERDICT.threshold * PERCENT,
    )
    .option(
      "--alpha <percent>",
      "the rate of false alarms over all comparisons, one-sided",
      percent({ min: MIN_ALPHA_PERCENT, max: MAX_ALPHA_PERCENT }),
      DEFAULT_VERDICT.alpha * PERCENT,
    );
}

export const verdictOptions = ({ delta, alpha }: VerdictPercents): VerdictOptions => ({
  threshold: delta / PERCENT,
  alpha: alpha / PERCENT,
});

export interface DatasetOptions {
  users?: number;
  orders?: number;
  scale?: number;
  dormantUsers: number;
  dataSeed: number;
}

/** Adds the options that select the dataset. */
export function addDatasetOptions(command: Command): Command {
  return command
    .option(
      "--users <n>",
      `users with orders (default: ${DEFAULT_USERS.toLocaleString("en")})`,
      wholeNumber({ min: SMALLEST.users, max: MAX_USERS }),
    )
    .option(
      "--orders <n>",
      `orders of these users, over four months (default: ${DEFAULT_ORDERS.toLocaleString("en")})`,
      wholeNumber({ min: SMALLEST.orders, max: MAX_ORDERS }),
    )
    .option(
      "--scale <factor>",
      "factor for the default users and orders, e.g. 0.01 for a short run; excludes --users and --orders",
      positiveNumber({ max: 1_000 }),
    )
    .option(
      "--dormant-users <n>",
      "additional users without orders, whom the job does not change",
      wholeNumber({ min: 0, max: MAX_USERS }),
      0,
    )
    .option(
      "--data-seed <n>",
      "seed of the data: on all machines, the same seed makes the same rows",
      wholeNumber({ min: 0, max: MAX_DATA_SEED }),
      1,
    );
}

/**
 * The dataset of the options. The smallest one still contains every boundary of the rules.
 * @throws BenchError BAD_OPTION if --scale stands beside --users or --orders: one reader takes `--scale 0.01 --users 1000` for
 * 1,000 users, and another for 10. Also if --scale makes too many or too few users or orders.
 */
export function datasetParameters({ users, orders, scale, dormantUsers, dataSeed }: DatasetOptions): DatasetParameters {
  const beside = users !== undefined ? `--users ${users}` : orders !== undefined ? `--orders ${orders}` : null;
  if (scale !== undefined && beside !== null)
    throw new BenchError(
      "BAD_OPTION",
      `both --scale ${scale} and ${beside} set the size of the data`,
      "pass --scale, or --users and --orders",
    );
  const scaled = (name: keyof typeof SMALLEST, standard: number, max: number): number => {
    const value = Math.round(standard * (scale ?? 1));
    const min = SMALLEST[name];
    if (value >= min && value <= max) return value;
    const bound = value < min ? `fewer than ${min}` : `more than ${max.toLocaleString("en")}`;
    throw new BenchError(
      "BAD_OPTION",
      `--scale ${scale} makes ${value.toLocaleString("en")} ${name}, ${bound}`,
      `${value < min ? "raise" : "lower"} --scale`,
    );
  };
  return {
    users: users ?? scaled("users", DEFAULT_USERS, MAX_USERS),
    orders: orders ?? scaled("orders", DEFAULT_ORDERS, MAX_ORDERS),
    dormantUsers,
    dataSeed,
  };
}

/** Adds the options that select the server, for `parseDatabaseSelector`. */
export function addDatabaseOptions(command: Command): Command {
  return command
    .option(
      "--db <source>",
      `where MySQL comes from: ${DATABASE_SOURCES.join(", ")} or mysql://user:password@host:3306/schema`,
      text({ names: DATABASE_SOURCES }),
    )
    .option(
      "--password-file <file>",
      "file with the password, if the URL has none (else BENCH_DATABASE_PASSWORD, else bench prompts for it)",
      file,
    )
    .option(
      "--tls <mode>",
      `TLS for a server given by URL: ${TLS_MODES.join(", ")} or disabled`,
      text({ names: [...TLS_MODES, "disabled"] }),
    )
    .option("--tls-ca <file>", "PEM file of the CA that signed the server's certificate", file);
}

/**
 * Prompts for the password if neither URL, file nor environment contains it and standard input is a terminal.
 * @param signal aborts the prompt; without a signal, Ctrl-C ends the process
 */
export async function withPassword(selector: DatabaseSelector, signal?: AbortSignal): Promise<DatabaseSelector> {
  if (selector.kind !== "url" || selector.hasPassword || !canPrompt()) return selector;
  const { user, host } = selector.target;
  const password = await promptHidden(`Password of ${user}@${host}: `, signal);
  return { ...selector, target: { ...selector.target, password }, hasPassword: true };
}
