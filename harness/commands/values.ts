/**
 * Parsers for the values of options and arguments. A parser declares its accepted values for shell completion. A separate table
 * of values once lacked three options.
 */
import { InvalidArgumentError } from "commander";
import { listPlugIns } from "../registry.ts";
import { MAX_PREFILL, parsePrefill } from "../plan/prefill.ts";
import { BYTE_UNITS } from "../text/units.ts";
import { rounded } from "../text/format.ts";

export interface Values {
  /** fixed names, or a function that loads names of the registry only for completion */
  readonly names: readonly string[] | (() => Promise<readonly string[]>);
  /** true: several values, separated by commas */
  readonly isList: boolean;
  /** paths that are values too */
  readonly paths: "none" | "files" | "folders";
}

export interface Parser<Value> {
  (text: string): Value;
  readonly values: Values;
}

const ANYTHING: Values = { names: [], isList: false, paths: "none" };

function parser<Value>(parse: (text: string) => Value, values: Partial<Values> = {}): Parser<Value> {
  return Object.assign((text: string) => parse(text), { values: { ...ANYTHING, ...values } });
}

/** The values that the parser of an option or argument declares; null without such a parser. */
export function valuesOf({
  parseArg,
  argChoices,
}: {
  readonly parseArg?: unknown;
  readonly argChoices?: string[];
}): Values | null {
  if (argChoices !== undefined) return { ...ANYTHING, names: argChoices };
  return (parseArg as Partial<Parser<unknown>> | undefined)?.values ?? null;
}

/** The ids of all registered plug-ins of these kinds. */
export const plugIns =
  (...kinds: Parameters<typeof listPlugIns>[0][]): (() => Promise<string[]>) =>
  async () =>
    (await Promise.all(kinds.map((kind) => listPlugIns(kind)))).flat().map(({ value }) => value.id);

/** One text. The verb checks it; the declared values are only for completion. */
export const text = (values: Partial<Values> = {}): Parser<string> => parser((given) => given, values);
export const file = text({ paths: "files" });
export const folder = text({ paths: "folders" });

const parts = (given: string): string[] => {
  const names = given.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError(`"${given}" contains an empty name.`);
  return names;
};

/** `a,b` -> ["a", "b"]. The verb checks the names. */
export const list = (values: Partial<Values> = {}): Parser<string[]> => parser(parts, { ...values, isList: true });

/** A variadic argument: commander calls its parser once per word. */
export const words = (values: Partial<Values> = {}): ((given: string, before?: string[]) => string[]) =>
  Object.assign((given: string, before: string[] = []) => [...before, given], { values: { ...ANYTHING, ...values } });

/** Also in the form of a server and of CSV files: `READ-COMMITTED`. */
const known = <Name extends string>(names: readonly Name[], given: string): Name => {
  const found = names.find((name) => name === given.toLowerCase().replaceAll(" ", "-"));
  if (found === undefined) throw new InvalidArgumentError(`"${given}" is not one of ${names.join(", ")}.`);
  return found;
};

/** One name of a fixed set. */
export const oneOf = <const Name extends string>(names: readonly Name[]): Parser<Name> =>
  parser((given) => known(names, given), { names });

/** Comma-separated names of a fixed set. */
export const someOf = <const Name extends string>(names: readonly Name[]): Parser<Name[]> =>
  parser((given) => parts(given).map((name) => known(names, name)), { names, isList: true });

/** Reports print estimates and bounds with a mark: `~10.6 min`, `≤ 30.0 s`. */
const withoutMark = (given: string): string => given.trim().replace(/^[~≤]\s*/, "");

/** Reports print a comma after each three digits: `1,000,000`. */
const withoutGroups = (given: string): string => (/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(given) ? given.replaceAll(",", "") : given);

/** Rejects "", "0x10" and "1e3 ", which Number() accepts. */
const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(withoutGroups(withoutMark(text)));

function number(text: string): number {
  const value = isNumber(text) ? Number(withoutGroups(withoutMark(text))) : Number.NaN;
  if (!Number.isFinite(value)) throw new InvalidArgumentError(`"${text}" is not a number.`);
  return value;
}

/** The numbers of a list. `1,000` would be 1 and 0 there, so a group of zeros is refused. */
function numbers(given: string): string[] {
  const found = parts(given);
  if (found.some((part) => /^0\d/.test(part)))
    throw new InvalidArgumentError(
      `"${given}" contains ${found.find((part) => /^0\d/.test(part))}. A comma separates values: write 1000.`,
    );
  return found;
}

/** A whole number in [min, max]; `1e6` is 1000000. */
export function wholeNumber(limits: { min: number; max: number }): Parser<number> {
  const { min, max } = limits;
  return parser((given) => {
    const value = number(given);
    if (!Number.isInteger(value)) throw new InvalidArgumentError(`"${given}" is not a whole number.`);
    if (value < min || value > max) {
      throw new InvalidArgumentError(`It must be from ${min.toLocaleString("en")} to ${max.toLocaleString("en")}, not ${given}.`);
    }
    return value;
  });
}

/** A whole number in [1, max]. */
export function positiveInteger(limits: { max: number }): Parser<number> {
  return wholeNumber({ min: 1, max: limits.max });
}

/** A number in (0, max], with or without a fraction. */
export function positiveNumber(limits: { max: number }): Parser<number> {
  return parser((given) => {
    const value = number(given);
    if (value <= 0 || value > limits.max) {
      throw new InvalidArgumentError(`It must be above 0 and at most ${limits.max.toLocaleString("en")}, not ${given}.`);
    }
    return value;
  });
}

/** `5` and `5 %`. A fraction that is meant as percent, 0.05 for 5 %, is refused where it lies below `min`. */
export function percent({ min, max }: { min: number; max: number }): Parser<number> {
  return parser((given) => {
    const value = number(given.replace(/\s*%$/, ""));
    if (value >= min && value <= max) return value;
    const meant = rounded(value * 100, 6);
    const hint = value < min && meant >= min && meant <= max ? ` Write ${meant} for ${meant} %.` : "";
    throw new InvalidArgumentError(`It must be from ${min} to ${max} percent, not ${given}.${hint}`);
  });
}

/** Comma-separated numbers of earlier runs, each with or without a kind of key: `0,10,10:uuidv4`. The verb checks the kinds. */
export const prefills: Parser<string[]> = parser(
  (given) =>
    parts(given).map((part) => {
      if (parsePrefill(part) === null)
        throw new InvalidArgumentError(`"${part}" is not a number from 0 to ${MAX_PREFILL}, or a number and a key: 10:uuidv4.`);
      return part;
    }),
  {
    isList: true,
    names: async () => ["0", "10", ...(await plugIns("key")()).map((key) => `10:${key}`)],
  },
);

/** Comma-separated whole numbers in [min, max]. */
export function wholeNumbers(limits: { min: number; max: number }): Parser<number[]> {
  const parse = wholeNumber(limits);
  return parser((given) => numbers(given).map(parse));
}

const UNIT_BYTES = { MB: 2 ** 20, GB: 2 ** 30 } as const;

/** A size that MySQL counts by 1,024: `128MB`, `1GB`, `128M`, `128 MiB`. @param step in bytes, of which the size is a multiple */
export function memorySize({ step, max }: { step: number; max: number }): Parser<number> {
  return parser((given) => {
    const [, digits, unit] = /^(\d[\d,]*(?:\.\d+)?)\s*([MG])(?:i?B)?$/i.exec(given.trim()) ?? [];
    if (digits === undefined || unit === undefined)
      throw new InvalidArgumentError(`"${given}" is not a size such as 128MB or 1GB.`);
    const bytes = number(digits) * UNIT_BYTES[unit.toUpperCase() === "M" ? "MB" : "GB"];
    if (bytes < step || bytes > max || bytes % step !== 0)
      throw new InvalidArgumentError(
        `It must be a multiple of ${step / UNIT_BYTES.MB}MB, at most ${max / UNIT_BYTES.GB}GB, not ${given}.`,
      );
    return bytes;
  });
}

/** A week. Node's timers overflow beyond 24 days and would fire at once. */
const MAX_DURATION_MS = 7 * 24 * 3_600_000;
const UNIT_MS = { ms: 1, s: 1_000, min: 60_000, m: 60_000, h: 3_600_000 } as const;

/** For the help of every option that takes a time. */
export const TIME_UNITS = "units: ms, s, min, h";

/** `500ms`, `120s`, `5min`, `1h`, and as reports print times: `10.6 s`, `~3.0 min` -> milliseconds */
function milliseconds(given: string): number {
  const [, digits, unit] = /^(\d[\d,]*(?:\.\d+)?)\s*(ms|s|min|m|h)$/.exec(withoutMark(given)) ?? [];
  if (digits === undefined || unit === undefined)
    throw new InvalidArgumentError(`"${given}" is not a time such as 500ms, 120s or 5min.`);
  return number(digits) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** A time above 0, in ms. */
export const duration: Parser<number> = parser((given) => {
  const ms = milliseconds(given);
  if (ms <= 0 || ms > MAX_DURATION_MS) throw new InvalidArgumentError(`It must be above 0 and at most 168h, not ${given}.`);
  return ms;
});

/** For the help of every option that takes a size of memory. */
export const SIZE_UNITS = `units: ${Object.keys(BYTE_UNITS).join(", ")}`;

/** `512MB`, `1.5 GiB`, and as reports print sizes: `440 MiB` -> bytes */
export const size: Parser<number> = parser((given) => {
  const [, digits, unit = ""] = /^(\d[\d,]*(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(withoutMark(given)) ?? [];
  const factor = BYTE_UNITS[unit];
  if (digits === undefined || factor === undefined)
    throw new InvalidArgumentError(`"${given}" is not a size such as 512MB or 1GiB.`);
  const bytes = number(digits) * factor;
  if (bytes <= 0) throw new InvalidArgumentError(`It must be above 0, not ${given}.`);
  return bytes;
});

interface TimeLimits {
  readonly maxMs: number;
  /** the limit in words: `10min` */
  readonly name: string;
}

/** A duration, or 0. */
export function durationFrom0({ maxMs, name }: TimeLimits): Parser<number> {
  return parser((given) => {
    const ms = given === "0" ? 0 : milliseconds(given);
    if (ms > maxMs) throw new InvalidArgumentError(`It must be at most ${name}, not ${given}.`);
    return ms;
  });
}

/** A time in ms, 0 or above. A number without a unit counts as ms: `--rtt 2` failed although `--add-rtt 2` is 2 ms. */
export function millisecondsFrom0({ maxMs, name }: TimeLimits): Parser<number> {
  return parser((given) => {
    const bare = given.replace(/^\+/, "");
    const ms = isNumber(bare) ? number(bare) : milliseconds(bare);
    if (ms >= 0 && ms <= maxMs) return ms;
    throw new InvalidArgumentError(`It must be from 0 to ${name}, not ${given}.`);
  });
}

/** Comma-separated times in ms, each 0 or above. A number without a unit counts as ms: cell names contain such numbers. */
export function durationsFrom0(limits: TimeLimits): Parser<number[]> {
  const parse = millisecondsFrom0(limits);
  return parser((given) => numbers(given).map(parse));
}
