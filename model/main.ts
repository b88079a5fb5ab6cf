/**
 * `npm run model`: explores the model of the cluster protocol. Exit code 0: no rule was broken, or the mutant was caught;
 * 1: a failure; 2: usage; 3: a schedule breaks a rule, or a mutant was not caught. See docs/model.md.
 */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { BenchError, EXIT } from "../lib/errors.ts";
import { catchMutant, exploreWorlds, replaySchedule, walkWorlds, type Schedules, type Subject } from "./commands.ts";
import { PROTOCOL } from "./changes.ts";
import { MUTANTS } from "./mutants/all.ts";
import { changesOf } from "./mutants/mutant.ts";
import { LARGE_WORLDS, SMALL_WORLDS, WIDE_WORLDS } from "./worlds.ts";

const MAX_SEED = 2 ** 32 - 1;
const MAX_SCHEDULES = 1e9;

interface Options {
  readonly seed: number;
  readonly schedules: number;
  readonly schedule?: number;
  readonly mutant?: string;
  readonly world?: string;
  readonly exhaustive: boolean;
  readonly replay?: string;
}

const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    return value;
  };

function named<Item extends { readonly id: string }>(option: string, items: readonly Item[], id: string): Item {
  const found = items.find((item) => item.id === id);
  if (found !== undefined) return found;
  const names = items.map((item) => item.id).join(", ");
  throw new BenchError("UNKNOWN_NAME", `${option}: "${id}" is none of its names`, `name one of ${names}`);
}

/** The mutant or the world that the options name; null: neither. */
function subjectOf({ mutant: id, world: worldId }: Options): Subject | null {
  if (id !== undefined) {
    const mutant = named("--mutant", MUTANTS, id);
    return { world: mutant.world, changes: changesOf(mutant), option: `--mutant ${id}` };
  }
  if (worldId === undefined) return null;
  const world = named("--world", [...SMALL_WORLDS, ...LARGE_WORLDS, ...WIDE_WORLDS], worldId);
  return { world, changes: PROTOCOL, option: `--world ${worldId}` };
}

function required(option: string, options: Options): Subject {
  const subject = subjectOf(options);
  if (subject !== null) return subject;
  throw new BenchError("BAD_OPTION", `${option}: it lacks the world of the schedule`, "add --mutant ID or --world ID");
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const exitCode = (isKept: boolean): number => (isKept ? EXIT.ok : EXIT.gateFailed);

function catchMutants(id: string, schedules: Schedules): boolean {
  const chosen = id === "all" ? MUTANTS : [named("--mutant", MUTANTS, id)];
  const missed = chosen.filter((mutant) => !catchMutant(mutant, schedules, print));
  print(`${chosen.length - missed.length} of ${chosen.length} mutants caught`);
  return missed.length === 0;
}

function run(options: Options): number {
  const { seed, schedule, mutant, exhaustive, replay } = options;
  const schedules: Schedules = { seed, from: 0, count: options.schedules };
  if (replay !== undefined) return replaySchedule(required("--replay", options), replay, print);
  if (schedule !== undefined)
    return exitCode(walkWorlds([required("--schedule", options)], { seed, from: schedule, count: 1 }, print));
  if (mutant !== undefined) return exitCode(catchMutants(mutant, schedules));
  const subject = subjectOf(options);
  if (subject !== null)
    return exitCode(
      WIDE_WORLDS.includes(subject.world) ? walkWorlds([subject], schedules, print) : exploreWorlds([subject.world], print),
    );
  const wide = WIDE_WORLDS.map((world): Subject => ({ world, changes: PROTOCOL, option: `--world ${world.id}` }));
  const worlds = exhaustive ? [...SMALL_WORLDS, ...LARGE_WORLDS] : SMALL_WORLDS;
  return exitCode(exploreWorlds(worlds, print) && walkWorlds(wide, schedules, print));
}

function createProgram(): Command {
  return new Command("model")
    .description("explores the model of the cluster protocol: small worlds completely, larger ones by random schedules")
    .option("--seed <number>", "seed of the random schedules", wholeNumber(0, MAX_SEED), 1)
    .option("--schedules <count>", "number of random schedules", wholeNumber(1, MAX_SCHEDULES), 100_000)
    .option(
      "--schedule <number>",
      "prints one random schedule of the seed; needs --mutant or --world",
      wholeNumber(0, MAX_SCHEDULES),
    )
    .option(
      "--mutant <id>",
      "takes one rule out of the protocol, and prints the shortest schedule that breaks; `all`: each in turn",
    )
    .option("--world <id>", "one world only")
    .option("--exhaustive", "explores the large worlds as well", false)
    .option("--replay <code>", "prints the steps of a schedule; needs --mutant or --world")
    .exitOverride()
    .allowExcessArguments(false)
    .action((options: Options) => {
      process.exitCode = run(options);
    });
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof BenchError) {
    process.stderr.write(`error ${error.code}: ${error.message}\n${error.fix === undefined ? "" : `  fix: ${error.fix}\n`}`);
    return error.exitCode;
  }
  process.stderr.write(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.toolFailed;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
