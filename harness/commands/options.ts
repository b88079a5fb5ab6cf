/** Options that several verbs share. What is wrong with a value is said before anything connects: exit 2. */
import { InvalidArgumentError, type Command } from "commander";
import type { DatasetParameters } from "../../fixtures/index.ts";
import { BenchError } from "../../lib/errors.ts";
import { TLS_MODES } from "../../lib/tls.ts";
import type { DatabaseSelector } from "../database/index.ts";
import { askHidden, canAsk } from "../text/terminal.ts";

export const DEFAULT_USERS = 30_000;
export const DEFAULT_ORDERS = 1_000_000;
const MAX_USERS = 10_000_000;
const MAX_ORDERS = 1_000_000_000;
const MAX_DATA_SEED = 2 ** 32 - 1;

type ArgumentParser = (text: string) => number;

function number(text: string): number {
  // Number() alone takes "", "0x10" and "1e3 "
  const value = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new InvalidArgumentError(`"${text}" is not a number.`);
  return value;
}

/** A whole number in [min, max]. `1e6` and `1000000` are the same. */
export function wholeNumber(limits: { min: number; max: number }): ArgumentParser {
  const { min, max } = limits;
  return (text) => {
    const value = number(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError(`"${text}" is not a whole number.`);
    if (value < min || value > max) {
      throw new InvalidArgumentError(`It must be from ${min.toLocaleString("en")} to ${max.toLocaleString("en")}, not ${text}.`);
    }
    return value;
  };
}

/** A whole number from 1. */
export function positiveInteger(limits: { max: number }): ArgumentParser {
  return wholeNumber({ min: 1, max: limits.max });
}

/** A number above 0, fractions too. */
export function positiveNumber(limits: { max: number }): ArgumentParser {
  return (text) => {
    const value = number(text);
    if (value <= 0 || value > limits.max) {
      throw new InvalidArgumentError(`It must be above 0 and at most ${limits.max.toLocaleString("en")}, not ${text}.`);
    }
    return value;
  };
}

export interface DatasetOptions {
  users: number;
  orders: number;
  scale: number;
  dormantUsers: number;
  dataSeed: number;
}

/** Adds the options that say which dataset is meant. */
export function addDatasetOptions(command: Command): Command {
  return command
    .option("--users <n>", "users who order", positiveInteger({ max: MAX_USERS }), DEFAULT_USERS)
    .option("--orders <n>", "their orders, over four months", positiveInteger({ max: MAX_ORDERS }), DEFAULT_ORDERS)
    .option("--scale <factor>", "multiplies users and orders, e.g. 0.01 for a quick look", positiveNumber({ max: 1_000 }), 1)
    .option(
      "--dormant-users <n>",
      "further users who never ordered and whom the job leaves alone",
      wholeNumber({ min: 0, max: MAX_USERS }),
      0,
    )
    .option("--data-seed <n>", "same seed, same rows on every machine", wholeNumber({ min: 0, max: MAX_DATA_SEED }), 1);
}

/**
 * The dataset that the options ask for, scale applied.
 * @throws BenchError BAD_OPTION when the scaled numbers are out of range
 */
export function datasetParameters(options: DatasetOptions): DatasetParameters {
  const { scale, dormantUsers, dataSeed } = options;
  const scaled = (name: "users" | "orders", max: number): number => {
    const value = Math.max(1, Math.round(options[name] * scale));
    if (value <= max) return value;
    throw new BenchError(
      "BAD_OPTION",
      `--${name} ${options[name]} times --scale ${scale} is ${value.toLocaleString("en")}, more than ${max.toLocaleString("en")}`,
      `lower --${name} or --scale`,
    );
  };
  return { users: scaled("users", MAX_USERS), orders: scaled("orders", MAX_ORDERS), dormantUsers, dataSeed };
}

/** Adds the options that say which server is meant; `parseDatabaseSelector` takes what they bring. */
export function addDatabaseOptions(command: Command): Command {
  return command
    .option("--db <source>", "auto, docker, local, embedded or mysql://user:password@host:3306/schema")
    .option("--password-file <file>", "holds the password, if the URL has none (or BENCH_DATABASE_PASSWORD, or it is asked for)")
    .option("--tls <mode>", `of a server given by URL: ${TLS_MODES.join(", ")} or disabled`)
    .option("--tls-ca <file>", "PEM of the CA that its certificate comes from");
}

/**
 * Asks for a password that stands nowhere, where somebody is there to be asked.
 * @param signal of work that can be interrupted: without it an interruption ends the process
 */
export async function withPassword(selector: DatabaseSelector, signal?: AbortSignal): Promise<DatabaseSelector> {
  if (selector.kind !== "url" || selector.hasPassword || !canAsk()) return selector;
  const { user, host } = selector.target;
  const password = await askHidden(`Password of ${user}@${host}: `, signal);
  return { ...selector, target: { ...selector.target, password }, hasPassword: true };
}

/** `a,b` -> ["a", "b"] */
export function list(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError(`"${text}" has an empty name in it.`);
  return names;
}

/** Names out of a fixed set, comma separated. */
export function oneOf<const Name extends string>(known: readonly Name[]): (text: string) => Name[] {
  return (text) =>
    list(text).map((name) => {
      const found = known.find((candidate) => candidate === name);
      if (found === undefined) throw new InvalidArgumentError(`"${name}" is none of ${known.join(", ")}.`);
      return found;
    });
}

/** Whole numbers in [min, max], comma separated. */
export function wholeNumbers(limits: { min: number; max: number }): (text: string) => number[] {
  const parse = wholeNumber(limits);
  return (text) => list(text).map(parse);
}

/** Numbers in [0, max], fractions too, comma separated. */
export function numbersFrom0(limits: { max: number }): (text: string) => number[] {
  return (text) =>
    list(text).map((part) => {
      const value = number(part);
      if (value >= 0 && value <= limits.max) return value;
      throw new InvalidArgumentError(`It must be from 0 to ${limits.max.toLocaleString("en")}, not ${part}.`);
    });
}

/** A week: beyond 24 days Node's timers would overflow and fire at once. */
const MAX_DURATION_MS = 7 * 24 * 3_600_000;
const UNIT_MS = { ms: 1, s: 1_000, min: 60_000, m: 60_000, h: 3_600_000 } as const;

/** `500ms`, `120s`, `5min`, `1h` -> milliseconds */
export function duration(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h)$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined)
    throw new InvalidArgumentError(`"${text}" is not a time such as 500ms, 120s or 5min.`);
  const ms = Number(digits) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (ms <= 0 || ms > MAX_DURATION_MS) throw new InvalidArgumentError(`It must be above 0 and at most 168h, not ${text}.`);
  return ms;
}
