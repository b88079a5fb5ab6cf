/** The program with all of its verbs: a file in commands/ adds its own. */
import { Command } from "commander";
import { readdir } from "node:fs/promises";
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

export async function createProgram(): Promise<Command> {
  const program = new Command("bench")
    .description(
      "Runs one realistic database batch by every technique, ORM and key, on a real MySQL, and proves each run correct before it gets a time.",
    )
    .option("-v, --verbose", "say more: which database was passed over and why, each phase of a sample")
    .option("-q, --quiet", "no progress, only results and warnings")
    .addHelpText("after", EXAMPLES)
    // an error is told by cli.ts as every other, with a code and a fix
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  for (const file of (await readdir(COMMANDS_FOLDER)).toSorted()) {
    const module = (await import(new URL(file, COMMANDS_FOLDER).href)) as { register?: RegisterCommand };
    module.register?.(program, { print: (text) => void process.stdout.write(`${text}\n`) });
  }
  return program;
}
