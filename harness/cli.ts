/** argv -> command -> exit code, nothing else. */
import { Command, CommanderError } from "commander";
import { readdir } from "node:fs/promises";
import { BenchError, EXIT } from "../lib/errors.ts";
import { paint } from "../lib/log.ts";
import type { RegisterCommand } from "./commands/context.ts";

const COMMANDS_FOLDER = new URL("./commands/", import.meta.url);

async function createProgram(): Promise<Command> {
  const program = new Command("bench")
    .description(
      "Runs one realistic database batch by every technique, ORM and key, on a real MySQL, and proves each run correct before it gets a time.",
    )
    .option("-v, --verbose", "say more: which database was passed over and why, each phase of a sample")
    .option("-q, --quiet", "no progress, only results and warnings")
    .showHelpAfterError("(--help shows the options)")
    .exitOverride();
  for (const file of (await readdir(COMMANDS_FOLDER)).toSorted()) {
    const module = (await import(new URL(file, COMMANDS_FOLDER).href)) as { register?: RegisterCommand };
    module.register?.(program, { print: (text) => void process.stdout.write(`${text}\n`) });
  }
  return program;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof BenchError) {
    process.stderr.write(`${paint("red", `error ${error.code}:`)} ${error.message}\n`);
    if (error.fix !== undefined) process.stderr.write(`  fix: ${error.fix}\n`);
    return error.exitCode;
  }
  // Not a user's mistake: the stack is what a bug report needs.
  process.stderr.write(
    `${paint("red", "internal error:")} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.toolFailed;
}

// Whoever read the output has left (`bench list | head`, a closed terminal): that ends the reading, not the measurement.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });
}

try {
  await (await createProgram()).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
