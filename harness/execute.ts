/** Arguments -> verb -> exit code. An error becomes one message with its code and its fix. */
import { CommanderError } from "commander";
import { BenchError, EXIT } from "../lib/errors.ts";
import { fileFailure } from "../lib/file-errors.ts";
import { endLiveBlocks } from "../lib/live-block.ts";
import { paint } from "../lib/log.ts";
import { serverFailure } from "../lib/server-errors.ts";
import { createProgram } from "./program.ts";

/** What commander found wrong with the arguments, as errors of ours; null where it has shown the help that was asked for. */
function usageError({ code, exitCode, message }: CommanderError): BenchError | null {
  if (exitCode === 0 || code === "commander.help") return null;
  const [said = "", guess] = message.replace(/^error: /, "").split("\n");
  const fix = [guess?.replace(/^\((.*)\)$/, "$1"), "--help shows what there is"].filter((part) => part !== undefined).join(" ");
  return new BenchError(code === "commander.unknownCommand" ? "UNKNOWN_NAME" : "BAD_OPTION", said, fix);
}

/** The error that began it, where tidying up after it failed too. */
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
  // Not a user's mistake: the stack is what a bug report needs.
  process.stderr.write(
    `${paint("red", "internal error:")} ${error instanceof Error ? (error.stack ?? error.message) : String(thrown)}\n`,
  );
  return EXIT.toolFailed;
}

/** @returns the exit code */
export async function execute(args: readonly string[]): Promise<number> {
  try {
    const program = await createProgram(args);
    await program.parseAsync(args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    endLiveBlocks();
    return report(error);
  }
}
