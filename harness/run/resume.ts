/** Continues an interrupted run: same cells, order and data, and only the missing samples. */
import { join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { groupOfCell, planCells } from "../plan/cells.ts";
import { plannedSamples } from "../plan/planned-samples.ts";
import { readRecords, RECORDS_FILE, type RunRecord, type RunResults } from "../results/records.ts";
import { findPlugIn } from "../registry.ts";

export interface InterruptedRun {
  readonly results: RunResults;
  readonly cells: readonly PlannedCell[];
}

/** Identifies a sample within a run. */
export const sampleKey = (cellId: string, round: number): string => `${round} ${cellId}`;

export const takenSamples = ({ samples }: RunResults): Set<string> =>
  new Set(samples.map(({ cell, round }) => sampleKey(cell.id, round)));

type Own = "strategy" | "orm";

/** Id -> path of the plug-ins that the user passes by path; records contain only ids. */
async function idsOf(kind: Own, paths: readonly string[]): Promise<Map<string, string>> {
  const found = await Promise.all(paths.map(async (path) => [(await findPlugIn(kind, path)).value.id, path] as const));
  return new Map(found);
}

/**
 * @param paths of the user's plug-ins that the run used
 * @throws BenchError RECORDS_UNREADABLE, NOTHING_TO_RESUME, UNKNOWN_NAME, PLUGIN_INVALID
 */
export async function readInterruptedRun(
  folder: string,
  paths: { readonly strategies: readonly string[]; readonly orms: readonly string[] },
): Promise<InterruptedRun> {
  const results = await readRecords(join(folder, RECORDS_FILE));
  const { run } = results;
  if (run.gate !== null)
    throw new BenchError(
      "BAD_OPTION",
      `cannot continue ${folder}: it is a gate, whose rounds must run in one session`,
      "start the gate again",
    );
  const [strategies, orms] = await Promise.all([idsOf("strategy", paths.strategies), idsOf("orm", paths.orms)]);
  const cells: PlannedCell[] = [];
  for (const cell of run.cells) {
    const names = { strategy: strategies.get(cell.strategy) ?? cell.strategy, orm: orms.get(cell.orm) ?? cell.orm };
    cells.push(...(await planCells([groupOfCell(cell, cell, names)])));
  }
  if (takenSamples(results).size >= plannedSamples(cells, run.rounds))
    throw new BenchError(
      "NOTHING_TO_RESUME",
      `cannot continue ${folder}: it has all ${results.samples.length} samples`,
      `render it with: bench report ${folder}`,
    );
  return { results, cells };
}

/** Digits of a commit to print. */
const COMMIT_DIGITS = 10;

type Facts = Readonly<Record<string, string | null>>;
const shortHash = (sha256: string): string => sha256.slice(0, COMMIT_DIGITS);

/**
 * Rejects a continuation on another machine, data set, server or version: such samples are not comparable.
 * @returns differences that may matter, as sentences for the notes
 * @throws BenchError RESUME_MISMATCH
 */
export function requireSameConditions(before: RunRecord, now: RunRecord, folder: string): string[] {
  const variables = Object.keys(before.environment.server.variables);
  const facts = ({ dataset, environment: { machine, versions, server } }: RunRecord): Record<string, string | null> => ({
    "version of the data": String(dataset.generatorVersion),
    "content hash of the data": dataset.contentHash,
    machine: machine.name,
    CPU: machine.cpu,
    "server version": server.version,
    "server's provider": server.provider,
    durability: server.durability,
    isolation: server.isolation,
    "encryption of the connection": server.tls ?? "none",
    ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [`version of ${name}`, String(version)])),
    ...Object.fromEntries(variables.map((name) => [name, server.variables[name] ?? null])),
  });
  // two versions of one's own file would be one cell under the hash of the first one
  const ownCode = ({ plugIns }: RunRecord): Record<string, string | null> =>
    Object.fromEntries(
      plugIns.flatMap(({ kind, id, file, sha256, imports }) => [
        [`content of the ${kind} ${id} (${file})`, shortHash(sha256)],
        [`files that the ${kind} ${id} imports`, imports === null ? null : shortHash(imports.sha256)],
      ]),
    );
  const [old, current] = [before, now].map((run) => ({ ...facts(run), ...ownCode(run) })) as [Facts, Facts];
  // null is unknown, and an unknown value proves no difference
  const isUnknown = (name: string): boolean => old[name] == null || current[name] === null;
  const differing = Object.keys(old).filter((name) => old[name] !== current[name] && !isUnknown(name));
  if (differing.length === 0) return changedCommit(before, now);
  throw new BenchError(
    "RESUME_MISMATCH",
    `cannot continue ${folder} under other conditions: ${differing.map((name) => `${name} ${old[name]}, now ${current[name]}`).join("; ")}`,
    `start a new run; bench report ${folder} still renders the old samples`,
  );
}

/** Reports a different commit as a note: it can change measured code, or only documentation. */
function changedCommit({ environment: before }: RunRecord, { environment: now }: RunRecord): string[] {
  const [old, current] = [before.gitCommit, now.gitCommit].map((commit) => commit?.slice(0, COMMIT_DIGITS));
  if (old === undefined || current === undefined || old === current) return [];
  return [`The run started on commit ${old} and continued on ${current}: its code may have changed.`];
}
