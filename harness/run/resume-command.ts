/** The command that goes on with an interrupted run, ready to paste. */
import { relative } from "node:path";
import type { PlannedCell } from "../plan/planned-cell.ts";

/** As a shell takes it. */
export const quoted = (text: string): string => (/^[\w./=,:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** npx and `npm run` tell by this that they started us; there `bench` alone may be on no PATH. */
export const programName = (): string => (process.env["npm_command"] === undefined ? "bench" : "npx bench");

/** A build by its folder, of which records hold no place. */
export const isUnreleased = (version: string | null): boolean => version?.startsWith("file.") === true;

/** @param paths of the user's own plug-ins, which are named again: records hold ids alone */
export function resumeArguments(
  folder: string,
  paths: { readonly strategies: readonly string[]; readonly orms: readonly string[] },
): string {
  const orms = paths.orms.length === 0 ? [] : ["--orm", quoted(paths.orms.join(","))];
  return ["run --resume", quoted(relative(".", folder) || "."), ...paths.strategies.map(quoted), ...orms].join(" ");
}

/**
 * How to go on with a run that this process has planned.
 * @returns null where none could: sides belong to one moment, an unreleased build stands in no record
 */
export function resumeCommand(folder: string, cells: readonly PlannedCell[]): string | null {
  if (cells.some(({ cell }) => cell.side !== null || isUnreleased(cell.version))) return null;
  const distinct = (of: "strategy" | "orm"): string[] => [...new Set(cells.flatMap(({ paths }) => paths[of] ?? []))];
  const command = resumeArguments(folder, { strategies: distinct("strategy"), orms: distinct("orm") });
  return `${programName()} ${command} (with --db and the like as before)`;
}
