/** Finds the words that can follow on a command line, from the program's commands, options, arguments and their parsers. */
import type { Command, Option } from "commander";
import { valuesOf, type Values } from "../commands/values.ts";

interface Candidate {
  readonly word: string;
  readonly description: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** list: a comma may follow, so the shell adds no space; files and folders: the shell completes paths */
  readonly kind: "names" | "list" | "files" | "folders";
}

/** Options of the verb and of the whole program. */
function optionsOf(command: Command): Option[] {
  const inherited = command.parent === null ? [] : optionsOf(command.parent);
  const own = command.createHelp().visibleOptions(command);
  return [...own, ...inherited.filter(({ long }) => own.every((option) => option.long !== long))];
}

const takesValue = ({ required, optional }: Option): boolean => required || optional;

interface Typed {
  readonly command: Command;
  /** the option whose value comes next */
  readonly awaiting: Option | undefined;
  readonly argumentsBefore: number;
}

function read(program: Command, words: readonly string[]): Typed {
  let command = program;
  let awaiting: Option | undefined;
  let argumentsBefore = 0;
  for (const word of words) {
    const verb = command.commands.find((below) => below.name() === word);
    if (awaiting !== undefined) awaiting = undefined;
    else if (word.startsWith("-")) {
      const option = optionsOf(command).find(({ short, long }) => word === long || word === short);
      awaiting = option !== undefined && takesValue(option) ? option : undefined;
    } else if (verb !== undefined && argumentsBefore === 0) command = verb;
    else argumentsBefore += 1;
  }
  return { command, awaiting, argumentsBefore };
}

/** Names, or paths if no name matches. */
async function ofValues({ names, isList, paths }: Values, typed: string): Promise<Completion> {
  const known = typeof names === "function" ? await names() : names;
  const chosen = isList ? typed.slice(0, typed.lastIndexOf(",") + 1) : "";
  const words = known
    .filter((name) => !chosen.split(",").includes(name))
    .map((name) => chosen + name)
    .filter((word) => word.startsWith(typed));
  if (words.length === 0) return { candidates: [], kind: paths === "none" ? "names" : paths };
  return {
    candidates: words.map((word) => ({ word, description: "" })),
    kind: isList ? "list" : "names",
  };
}

/** @param words the words after the program's name; completes the last one */
export async function complete(program: Command, words: readonly string[]): Promise<Completion> {
  const typed = words.at(-1) ?? "";
  const { command, awaiting, argumentsBefore } = read(program, words.slice(0, -1));
  const only = (candidates: readonly Candidate[]): Completion => ({
    candidates: candidates.filter(({ word }) => word.startsWith(typed)),
    kind: "names",
  });
  const ofParser = (declared: Parameters<typeof valuesOf>[0] | undefined, value: string): Promise<Completion> | Completion => {
    const values = declared === undefined ? null : valuesOf(declared);
    return values === null ? only([]) : ofValues(values, value);
  };

  if (awaiting !== undefined) return ofParser(awaiting, typed);
  const options = optionsOf(command);
  const [, long, value] = /^(--[^=]+)=(.*)$/s.exec(typed) ?? [];
  if (value !== undefined)
    return ofParser(
      options.find((option) => option.long === long),
      value,
    );
  if (typed.startsWith("-"))
    return only(
      options.flatMap(({ short, long, description }) =>
        [long, short].flatMap((word) => (word === undefined ? [] : [{ word, description }])),
      ),
    );
  if (command.commands.length > 0) {
    // without commander's own `help`
    const verbs = command
      .createHelp()
      .visibleCommands(command)
      .filter((verb) => command.commands.includes(verb));
    return only(argumentsBefore > 0 ? [] : verbs.map((verb) => ({ word: verb.name(), description: verb.description() })));
  }
  const all = command.registeredArguments;
  return ofParser(all[argumentsBefore] ?? all.findLast(({ variadic }) => variadic), typed);
}
