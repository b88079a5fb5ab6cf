/** The program with all of its verbs: a file in commands/ adds its own. */
import { Command } from "commander";
import { readdir } from "node:fs/promises";
import manifest from "../package.json" with { type: "json" };
import type { RegisterCommand } from "./commands/context.ts";

const COMMANDS_FOLDER = new URL("./commands/", import.meta.url);

const EXAMPLES = `
Examples:
  bench run --suite quick            a comparison in a few minutes, on a MySQL that is fetched if there is none
  bench run chunked --orm prisma     one technique through one library
  bench list                         what can be run
  bench run --help                   every verb has examples

In every verb: --quiet leaves results, warnings and errors; NO_COLOR=1 leaves the colours out; without a terminal
progress comes as plain lines. Results go to standard output, everything else to standard error.`;

/** Its script holds the verbs of the whole program. */
const NEEDS_EVERY_VERB = "completion";

/** The files that add the verb which the arguments name: `db.ts`, `api-run.ts`. */
function filesOf(args: readonly string[], files: readonly string[]): string[] {
  const verb = args.find((argument) => !argument.startsWith("-"));
  if (verb === NEEDS_EVERY_VERB) return [];
  return files.filter((file) => file === `${verb}.ts` || file.startsWith(`${verb}-`));
}

async function addVerbs(program: Command, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const module = (await import(new URL(file, COMMANDS_FOLDER).href)) as { register?: RegisterCommand };
    module.register?.(program, { print: (text) => void process.stdout.write(`${text}\n`) });
  }
}

/**
 * @param args The program gets only the verb that they name, because to load the modules of all verbs takes 0.3 s more of
 * processor time. The program gets every verb if they name none.
 */
export async function createProgram(args: readonly string[] = []): Promise<Command> {
  const program = new Command("bench")
    .description(
      "Runs one realistic database batch by every technique, ORM and key, on a real MySQL, and proves each run correct before it gets a time.",
    )
    .version(manifest.version, "-V, --version", "print the version")
    .option("-v, --verbose", "say more: which database was passed over and why, each phase of a sample")
    .option("-q, --quiet", "no progress, only results and warnings")
    .addHelpText("after", EXAMPLES)
    // execute.ts reports an error of commander as every other: with a code and a fix
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  const files = (await readdir(COMMANDS_FOLDER)).toSorted();
  await addVerbs(program, filesOf(args, files));
  if (program.commands.length === 0) await addVerbs(program, files);
  return program;
}
