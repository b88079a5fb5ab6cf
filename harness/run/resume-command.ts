/** The command that continues an interrupted run, ready to paste. */
import { relative } from "node:path";
import { databaseArguments, type DatabaseSelector } from "../database/index.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";

/** Quotes an argument for a POSIX shell. */
export const quoted = (text: string): string => (/^[\w./=,:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** npx and `npm run` set npm_command; in such a project `bench` is usually not on PATH. */
export const programName = (): string => (process.env["npm_command"] === undefined ? "bench" : "npx bench");

/** True for an unreleased build; records do not contain its path. */
export const isUnreleased = (version: string | null): boolean => version?.startsWith("file.") === true;

/** @param paths of the user's plug-ins, which the command repeats, because records contain only ids */
export function resumeArguments(
  folder: string,
  paths: { readonly strategies: readonly string[]; readonly orms: readonly string[] },
): string {
  const orms = paths.orms.length === 0 ? [] : ["--orm", quoted(paths.orms.join(","))];
  return ["run --resume", quoted(relative(".", folder) || "."), ...paths.strategies.map(quoted), ...orms].join(" ");
}

/**
 * The command that continues a run of this process, without the name of the program.
 * @returns null if no command can: for a gate, and for a run with an unreleased build
 */
export function resumeCall(folder: string, cells: readonly PlannedCell[], database: DatabaseSelector): string | null {
  if (cells.some(({ cell }) => cell.side !== null || isUnreleased(cell.version))) return null;
  const distinct = (of: "strategy" | "orm"): string[] => [...new Set(cells.flatMap(({ paths }) => paths[of] ?? []))];
  const command = resumeArguments(folder, { strategies: distinct("strategy"), orms: distinct("orm") });
  return [command, ...databaseArguments(database).map(quoted)].join(" ");
}

/** The same with the name of the program, ready to paste. */
export function resumeCommand(...run: Parameters<typeof resumeCall>): string | null {
  const call = resumeCall(...run);
  return call === null ? null : `${programName()} ${call}`;
}
