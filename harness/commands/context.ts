import type { Command } from "commander";
import { createLog, type Log } from "../../lib/log.ts";

/** Passed to each verb by the program. */
export interface CommandContext {
  /** Writes a result to standard output. Everything else goes through the log to standard error. */
  readonly print: (text: string) => void;
  /** The program with the verb that the arguments name. Completion reads it; importing it from here would be a circle. */
  readonly createProgram: (args?: readonly string[]) => Promise<Command>;
}

/** A file in this folder exports this function as `register`, which adds the verb to the program. */
export type RegisterCommand = (program: Command, context: CommandContext) => void;

/** A log at the level of the global options --quiet and --verbose. */
export function logFor(command: Command): Log {
  const options = command.optsWithGlobals<{ quiet?: boolean; verbose?: boolean }>();
  return createLog(options.quiet ? "quiet" : options.verbose ? "verbose" : "normal");
}
