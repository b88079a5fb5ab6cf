/** The program and its verbs. Each file in commands/ registers its verb. */
import { Command } from "commander";
import { readdir } from "node:fs/promises";
import manifest from "../package.json" with { type: "json" };
import type { RegisterCommand } from "./commands/context.ts";
import { addNamesToHelp, isHelpRequest } from "./commands/help-names.ts";

const COMMANDS_FOLDER = new URL("./commands/", import.meta.url);

const EXAMPLES = `
Examples:
  bench run --suite quick            compare techniques and libraries in a few minutes; bench fetches a MySQL if it finds none
  bench run chunked --orm prisma     measure one technique through one library
  bench list                         list techniques, libraries, keys and suites
  bench run --help                   show a verb's options and examples

For every verb: --quiet prints only results, warnings and errors. NO_COLOR=1 turns colours off. Without a terminal, bench
prints progress as plain lines. bench writes results to standard output and everything else to standard error.`;

/** The verb `completion` prints a script with the verbs of the whole program. */
const NEEDS_EVERY_VERB = "completion";

/** `bench --version` needs no verb: loading all of them took 0.7 s. */
const isVersionRequest = (args: readonly string[]): boolean => args.length === 1 && ["-V", "--version"].includes(args[0] ?? "");

/** The files that register the verb in the arguments: `db.ts`, or `api-run.ts` and `api-serve.ts`. */
function filesOf(args: readonly string[], files: readonly string[]): string[] {
  const verb = args.find((argument) => !argument.startsWith("-"));
  if (verb === NEEDS_EVERY_VERB) return [];
  return files.filter((file) => file === `${verb}.ts` || file.startsWith(`${verb}-`));
}

async function addVerbs(program: Command, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const module = (await import(new URL(file, COMMANDS_FOLDER).href)) as { register?: RegisterCommand };
    module.register?.(program, { print: (text) => void process.stdout.write(`${text}\n`), createProgram });
  }
}

/**
 * @param args createProgram loads only the verb that the arguments name: the modules of all verbs take 0.3 s more CPU time.
 * Without a known verb it loads all verbs.
 */
export async function createProgram(args: readonly string[] = []): Promise<Command> {
  const program = new Command("bench")
    .description(
      "Measures one realistic database batch by technique, ORM and key on a real MySQL. bench compares every row of a result with the expected rows, and a wrong result gets no time.",
    )
    .version(manifest.version, "-V, --version", "print the version")
    .option("-v, --verbose", "also print the databases that bench skipped and why, and each phase of a sample")
    .option("-q, --quiet", "print only results, warnings and errors")
    .addHelpText("after", EXAMPLES)
    // execute.ts prints commander's errors with a code and a fix, like all other errors
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  const files = (await readdir(COMMANDS_FOLDER)).toSorted();
  await addVerbs(program, filesOf(args, files));
  if (program.commands.length === 0 && !isVersionRequest(args)) await addVerbs(program, files);
  if (isHelpRequest(args)) await addNamesToHelp(program);
  return program;
}
