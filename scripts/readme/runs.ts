/**
 * The published runs by name. Every generated table, chart, claim and finding names a run by this list, so that a new measurement
 * replaces an old one by one line. `null`: not published yet; claims that need the run then state that.
 */
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT = new URL("../../", import.meta.url);

const RUNS = {
  quick: "2026-11-29/vm/quick",
  origin: "2026-11-27/vm/090916-origin-1ki",
  updates: "2026-11-29/vm/updates",
  limits: null,
  keys: "2026-11-29/vm/keys",
  workers: "2026-11-30/vm/workers",
  orms: "2026-11-30/vm/orms",
  rtt: "2026-11-30/vm/rtt",
  loads: "2026-12-01/vm/loads",
  "prisma-versions": "2026-12-01/vm/prisma-versions",
  "api-long": "2026-11-28/vm/api-long",
  "api-chunked": "2026-11-27/vm/api-chunked",
  "api-techniques": "2026-11-27/vm/api-techniques",
  "api-instances": "2026-11-30/vm/api-instances",
  "api-disturbed": "2026-11-30/vm/api-disturbed",
  "api-killed": "2026-11-30/vm/api-killed",
  "api-small": "2026-11-30/vm/api-small",
  "api-neighbours": "2026-11-30/vm/api-neighbours",
  chaos: "2026-12-01/vm/chaos",
  "chaos-rendezvous": "2026-11-30/vm/chaos-rendezvous",
  "chaos-power": "2026-11-30/vm/chaos-power",
} as const satisfies Readonly<Record<string, string | null>>;

export type RunName = keyof typeof RUNS;

export const RUN_NAMES = Object.keys(RUNS) as readonly RunName[];

export const isRunName = (name: string): name is RunName => Object.hasOwn(RUNS, name);

/** @returns the folder, relative to the repository, with a slash at its end; null: not published */
export function runFolder(name: RunName): string | null {
  const path: string | null = RUNS[name];
  return path === null ? null : `results/${path}/`;
}

/**
 * @returns the folder on this machine
 * @throws Error if the run is not published
 */
export function runPath(name: RunName): string {
  const folder = runFolder(name);
  if (folder === null)
    throw new Error(`cannot read the run ${name}: it is not published. Set its folder in scripts/readme/runs.ts.`);
  return fileURLToPath(new URL(folder, ROOT));
}
