/** Adds the names of the registry to the help: lists in the texts of the options lacked five formats. */
import type { Argument, Command, Option } from "commander";
import { valuesOf } from "./values.ts";

/** All cells would fill a page; `bench list cells` prints them. */
const MAX_NAMES = 30;

async function addNames(described: Option | Argument): Promise<void> {
  const names = valuesOf(described)?.names;
  if (typeof names !== "function") return;
  const known = await names();
  if (known.length > 0 && known.length <= MAX_NAMES) described.description += ` (names: ${known.join(", ")})`;
}

/** Call it only for help, because it loads all plug-ins. */
export async function addNamesToHelp(command: Command): Promise<void> {
  for (const described of [...command.options, ...command.registeredArguments]) await addNames(described);
  for (const below of command.commands) await addNamesToHelp(below);
}

const HELP = new Set(["-h", "--help", "help"]);

/** True for arguments that print help. */
export const isHelpRequest = (args: readonly string[]): boolean => args.some((argument) => HELP.has(argument));
