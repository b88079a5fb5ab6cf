/** What can be completed: the verbs of the program with their options and arguments, and the values that these take. */
import type { Argument, Command, Option } from "commander";
import { TLS_MODES } from "../../lib/tls.ts";
import { ISOLATIONS } from "../../orms/orm.ts";
import { DEFAULT_CHUNK_USERS, TRACKS } from "../plan/cell.ts";
import { KINDS } from "../commands/list.ts";
import { planCells } from "../plan/cells.ts";
import { listPlugIns } from "../registry.ts";

export interface Values {
  readonly words: readonly string[];
  /** several, separated by commas */
  readonly isList: boolean;
  /** paths that may stand there too */
  readonly paths: "none" | "files" | "folders";
}

export interface CompletedOption {
  /** `-q` */
  readonly short: string | null;
  /** `--quiet` */
  readonly long: string;
  readonly description: string;
  /** null: takes none */
  readonly values: Values | null;
}

interface CompletedArgument {
  readonly name: string;
  readonly isVariadic: boolean;
  readonly values: Values;
}

export interface CompletedVerb {
  /** `["db", "up"]`; empty for the program */
  readonly path: readonly string[];
  readonly description: string;
  /** also those of the program */
  readonly options: readonly CompletedOption[];
  readonly arguments: readonly CompletedArgument[];
  readonly verbs: readonly CompletedVerb[];
}

const ANYTHING: Values = { words: [], isList: false, paths: "none" };
const FILES: Values = { ...ANYTHING, paths: "files" };
const FOLDERS: Values = { ...ANYTHING, paths: "folders" };
const words = (known: readonly string[]): Values => ({ ...ANYTHING, words: known });
const orFile = (known: readonly string[]): Values => ({ ...FILES, words: known });

interface Known {
  /** by the option's long name, or by the verb and it */
  readonly options: Readonly<Record<string, Values>>;
  /** by the argument's name */
  readonly arguments: Readonly<Record<string, Values>>;
}

async function known(): Promise<Known> {
  const ids = async (kind: Parameters<typeof listPlugIns>[0]): Promise<string[]> =>
    (await listPlugIns(kind)).map(({ value }) => value.id);
  const [strategies, presets, orms, keys, suites, formats] = await Promise.all([
    ids("strategy"),
    ids("preset"),
    ids("orm"),
    ids("key"),
    ids("suite"),
    ids("reporter"),
  ]);
  const cells = await planCells([{ strategies, orms, keys: ["identity"], chunkUsers: [DEFAULT_CHUNK_USERS] }]);
  const runnable = cells.filter(({ skipReason }) => skipReason === null);
  return {
    options: {
      "--suite": words(suites),
      "--orm": orFile(orms),
      "--key": words(keys),
      "--isolation": words(ISOLATIONS),
      "--track": words(TRACKS),
      "--format": words(formats),
      "compare --format": words(["table", "md", "json"]),
      "gate --base": FOLDERS,
      "--db": words(["auto", "docker", "local", "embedded"]),
      "--tls": words([...TLS_MODES, "disabled"]),
      "--password-file": FILES,
      "--tls-ca": FILES,
      "--out": FOLDERS,
      "--resume": FOLDERS,
    },
    arguments: {
      strategies: orFile([...strategies, ...presets]),
      cell: orFile([...new Set(runnable.map(({ cell }) => `${cell.strategy}/${cell.orm}`))]),
      folder: FOLDERS,
      head: FOLDERS,
      kind: words(Object.keys(KINDS)),
    },
  };
}

function completedOption(option: Option, verb: string, { options }: Known): CompletedOption {
  const { short, long, description, required, optional, argChoices, flags } = option;
  const name = long ?? short ?? "";
  const values = argChoices === undefined ? (options[`${verb} ${name}`] ?? options[name] ?? ANYTHING) : words(argChoices);
  return {
    short: short ?? null,
    long: name,
    description,
    // the placeholder of what takes several is in the plural: <ids>, <levels>
    values: required || optional ? { ...values, isList: values.words.length > 0 && /s[>\]]$/.test(flags) } : null,
  };
}

const completedArgument = (argument: Argument, { arguments: ofArguments }: Known): CompletedArgument => ({
  name: argument.name(),
  isVariadic: argument.variadic,
  values: argument.argChoices === undefined ? (ofArguments[argument.name()] ?? ANYTHING) : words(argument.argChoices),
});

function completedVerb(command: Command, path: readonly string[], inherited: readonly Option[], values: Known): CompletedVerb {
  const help = command.createHelp();
  const own = [...help.visibleOptions(command)];
  return {
    path,
    description: command.description(),
    options: [...own, ...inherited.filter((option) => !own.includes(option))].map((option) =>
      completedOption(option, path.join(" "), values),
    ),
    arguments: command.registeredArguments.map((argument) => completedArgument(argument, values)),
    verbs: help
      .visibleCommands(command)
      // commander's own `help` is no verb of ours
      .filter((verb) => command.commands.includes(verb))
      .map((verb) => completedVerb(verb, [...path, verb.name()], [...inherited, ...command.options], values)),
  };
}

export async function completionTree(program: Command): Promise<CompletedVerb> {
  return completedVerb(program, [], [], await known());
}

/** The verb itself and all below it. */
export const flattened = (verb: CompletedVerb): CompletedVerb[] => [verb, ...verb.verbs.flatMap(flattened)];

/** The names that the program is installed under. */
export const PROGRAM_NAMES = ["bench", "orm-shootout"] as const;
