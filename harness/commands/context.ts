import type { Command } from "commander";
import { createLog, type Log } from "../../lib/log.ts";

/** What a verb gets from the program around it. */
export interface CommandContext {
  /** Writes results to standard output (everything else goes through the log to standard error). */
  readonly print: (text: string) => void;
}

/** A file in this folder exports one of these as `register`: it adds its verb to the program. */
export type RegisterCommand = (program: Command, context: CommandContext) => void;

/** The log that the global options --quiet and --verbose ask for. */
export function logFor(command: Command): Log {
  const options = command.optsWithGlobals<{ quiet?: boolean; verbose?: boolean }>();
  return createLog(options.quiet ? "quiet" : options.verbose ? "verbose" : "normal");
}
