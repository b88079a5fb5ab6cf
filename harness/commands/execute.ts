/** Runs the verb in the arguments and returns its exit code. Prints an error as one message with code and fix. */
import { CommanderError } from "commander";
import { BenchError, EXIT } from "../../lib/errors.ts";
import { fileFailure } from "../../lib/file-errors.ts";
import { removeEmptyResultsFolders } from "../../lib/folders.ts";
import { allowLiveBlocks, endLiveBlocks } from "../../lib/live-block.ts";
import { paint } from "../../lib/log.ts";
import { serverFailure } from "../../lib/server-errors.ts";
import { createProgram } from "../program.ts";

/** Converts an error of commander into a BenchError; null if commander printed help or version. */
function usageError({ code, exitCode, message }: CommanderError): BenchError | null {
  if (exitCode === 0 || code === "commander.help") return null;
  const [text = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const fix = [suggestion?.replace(/^\((.*)\)$/, "$1"), "run the verb with --help to list its options"]
    .filter((part) => part !== undefined)
    .join(" ");
  return new BenchError(code === "commander.unknownCommand" ? "UNKNOWN_NAME" : "BAD_OPTION", text, fix);
}

/** The first error: if cleanup fails after an error, SuppressedError hides the cause. */
const firstError = (error: unknown): unknown => (error instanceof SuppressedError ? firstError(error.suppressed) : error);

export function report(thrown: unknown): number {
  const first = firstError(thrown);
  const error =
    first instanceof CommanderError
      ? usageError(first)
      : (serverFailure(first, "the server failed") ?? fileFailure(first) ?? first);
  if (error === null) return first instanceof CommanderError && first.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof BenchError) {
    process.stderr.write(`${paint("red", `error ${error.code}:`)} ${error.message}\n`);
    if (error.fix !== undefined) process.stderr.write(`  fix: ${error.fix}\n`);
    return error.exitCode;
  }
  // an internal error: a bug report needs the stack
  process.stderr.write(
    `${paint("red", "internal error:")} ${error instanceof Error ? (error.stack ?? error.message) : String(thrown)}\n`,
  );
  return EXIT.toolFailed;
}

/** @returns the exit code */
export async function execute(args: readonly string[]): Promise<number> {
  allowLiveBlocks();
  try {
    const program = await createProgram(args);
    await program.parseAsync(args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    endLiveBlocks();
    return report(error);
  } finally {
    await removeEmptyResultsFolders();
  }
}
