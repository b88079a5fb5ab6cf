/**
 * Finds plug-ins by their place: a file or folder in the right place is registered without any other change. The registry loads
 * only descriptions; the child process loads the library of an ORM.
 */
import { distance } from "fastest-levenshtein";
import { existsSync, readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { BenchError, EXIT, reasonOf } from "../lib/errors.ts";
import { loadsInTime } from "../lib/loads-in-time.ts";
import type { Micro } from "../orms/micro.ts";
import { CAPABILITIES, type Orm } from "../orms/orm.ts";
import type { KeyScheme } from "../strategies/keys/key.ts";
import type { Preset } from "../strategies/presets/preset.ts";
import type { Strategy } from "../strategies/strategy.ts";
import type { Check } from "./doctor/check.ts";
import type { ServerProbe } from "./probes/server/probe.ts";
import type { Reporter } from "./reporters/reporter.ts";
import { fixOfLoadFailure } from "./load-failure.ts";
import type { Suite } from "./suites/suite.ts";

export interface PlugIn<Kind> {
  readonly url: string;
  readonly value: Kind;
}

/** Folder URL of this tree: the project, or the installed package. */
export const TREE_URL = new URL("../", import.meta.url).href;

interface KindOfPlugIn {
  /** folder below a tree */
  readonly folder: string;
  /** a folder whose subfolders can contain the plug-in in a file of this name: `orms/drizzle/micro.ts` */
  readonly within?: { readonly folder: string; readonly file: string };
  /** name of the export */
  readonly exported: string;
  /** name of the kind in messages */
  readonly word: string;
}

const KINDS = {
  strategy: { folder: "strategies/", exported: "strategy", word: "strategy" },
  preset: { folder: "strategies/presets/", exported: "preset", word: "preset" },
  key: { folder: "strategies/keys/", exported: "key", word: "key" },
  orm: { folder: "orms/", exported: "orm", word: "ORM" },
  probe: { folder: "harness/probes/server/", exported: "probe", word: "probe" },
  micro: {
    folder: "harness/micro/",
    within: { folder: "orms/", file: "micro.ts" },
    exported: "micro",
    word: "micro benchmark",
  },
  check: { folder: "harness/doctor/", exported: "check", word: "check" },
  reporter: { folder: "harness/reporters/", exported: "reporter", word: "format" },
  suite: { folder: "harness/suites/", exported: "suite", word: "suite" },
} as const satisfies Record<string, KindOfPlugIn>;

interface Kinds {
  strategy: Strategy;
  preset: Preset;
  key: KeyScheme;
  orm: Orm;
  probe: ServerProbe;
  micro: Micro;
  check: Check;
  reporter: Reporter;
  suite: Suite;
}

const functionShape = z.custom((value) => typeof value === "function", "expected a function");
const idShape = z.string().regex(/^[\w-]+$/, "expected letters, digits, - and _");

/** A misspelled capability would skip the strategy on every ORM, or skip every strategy on the ORM. */
const capabilityShape = z.enum(CAPABILITIES, {
  error: ({ input }) => {
    const guess = nearest(String(input), CAPABILITIES);
    const known = `use one of ${CAPABILITIES.join(", ")}`;
    return `no capability is named "${String(input)}"; ${guess === undefined ? known : `did you mean ${guess}? (${known})`}`;
  },
});

/** What a field must be; a validator's own words ("Invalid input: expected string, received undefined") are left out. */
function expectation(issue: z.core.$ZodIssue): string {
  // own messages begin with a small letter
  if (/^[a-z]/.test(issue.message)) return issue.message;
  if (issue.code === "invalid_type") return `expected a value of the type ${issue.expected}`;
  return issue.code === "invalid_value" ? `expected one of ${issue.values.map(String).join(", ")}` : "unexpected value";
}

/** Required shape of a user's file, because Node strips types without checking them. */
const SHAPES: Partial<Record<keyof Kinds, z.ZodType>> = {
  strategy: z.object({
    id: idShape,
    summary: z.string(),
    requires: z.array(capabilityShape),
    usesChunks: z.boolean(),
    splitsByUsers: z.boolean(),
    roundTrips: z.enum(["per-row", "per-chunk", "once"]).optional(),
    run: functionShape,
  }),
  orm: z.object({
    id: idShape,
    packageName: z.string(),
    packages: z.array(z.string()).min(1).optional(),
    generatedFolder: z.string().optional(),
    colour: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, "expected #rrggbb")
      .optional(),
    sourceFiles: z.object({ include: z.array(z.string()).optional(), exclude: z.array(z.string()).optional() }).optional(),
    class: z.enum(["raw", "query-builder", "full"]),
    driver: z.string(),
    capabilities: z.set(capabilityShape),
    api: z.enum(["native", "builder", "raw-sql"]),
    settings: z.object({}),
    defaultPoolConnections: z.int().positive(),
    statements: z.object({}),
    connect: functionShape,
  }),
};

/** URLs of `x.ts` and `x/index.ts` in a folder. */
function modulesIn(folder: URL): URL[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile() && entry.name.endsWith(".ts")) return [new URL(entry.name, folder)];
    const index = new URL(`${entry.name}/index.ts`, folder);
    return entry.isDirectory() && existsSync(index) ? [index] : [];
  });
}

/** URLs of `x/<file>` in a folder. */
const filesWithin = (folder: URL, file: string): URL[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => new URL(`${entry.name}/${file}`, folder))
    .filter((url) => existsSync(url));

/**
 * All plug-ins of a kind, in order of their ids.
 * @param treeUrl this tree, or the base of a gate
 */
export async function listPlugIns<K extends keyof Kinds>(kind: K, treeUrl: string = TREE_URL): Promise<PlugIn<Kinds[K]>[]> {
  const { folder, within, exported }: KindOfPlugIn = KINDS[kind];
  const found: PlugIn<Kinds[K]>[] = [];
  const further = within === undefined ? [] : filesWithin(new URL(within.folder, treeUrl), within.file);
  for (const url of [...modulesIn(new URL(folder, treeUrl)), ...further]) {
    const module = (await import(url.href)) as Record<string, Kinds[K] | undefined>;
    // files without the export contain the interface and helpers
    const value = module[exported];
    if (value !== undefined) found.push({ url: url.href, value });
  }
  return found.toSorted((a, b) => a.value.id.localeCompare(b.value.id));
}

export const isPath = (name: string): boolean => /^\.{0,2}\/|\.[cm]?[jt]s$/.test(name);

async function loadFile<K extends keyof Kinds>(kind: K, path: string, treeUrl: string): Promise<PlugIn<Kinds[K]>> {
  const { exported, word } = KINDS[kind];
  const place = resolve(path);
  const file = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true ? join(place, "index.ts") : place;
  if (!existsSync(file))
    throw new BenchError(
      "PLUGIN_INVALID",
      `no file ${file === place ? path : join(path, "index.ts")} for the ${word}`,
      "check the path, which is relative to the current folder",
    );
  const url = pathToFileURL(file).href;
  if (!(await loadsInTime(url)))
    throw new BenchError(
      "PLUGIN_INVALID",
      `cannot load ${path}: it never finished loading`,
      "move slow work into the plug-in's functions, which --cell-limit bounds",
    );
  let module: Record<string, Kinds[K] | undefined>;
  // a plug-in that calls process.exit while loading, or never finishes loading, would end bench without a message
  const onExit = (): void => {
    process.stderr.write(`error PLUGIN_INVALID: cannot load ${path}: it ended the process, or never finished loading\n`);
    process.stderr.write(`  fix: remove process.exit, and move slow work into the plug-in's functions\n`);
    process.exitCode = EXIT.usage;
  };
  process.on("exit", onExit);
  try {
    module = (await import(url)) as Record<string, Kinds[K] | undefined>;
  } catch (error) {
    throw new BenchError("PLUGIN_INVALID", `cannot load ${path}: ${reasonOf(error)}`, fixOfLoadFailure(file, error), error);
  } finally {
    process.off("exit", onExit);
  }
  const value = module[exported];
  if (value === undefined || value === null || typeof (value as { id?: unknown }).id !== "string")
    throw new BenchError(
      "PLUGIN_INVALID",
      `${path} exports no \`${exported}\` with an id`,
      `add: export const ${exported} = { id: ${JSON.stringify(basename(path, ".ts"))}, ... }`,
    );
  const issue = SHAPES[kind]?.safeParse(value).error?.issues[0];
  if (issue !== undefined)
    throw new BenchError(
      "PLUGIN_INVALID",
      `${path}: ${exported}.${issue.path.join(".")} is wrong: ${expectation(issue)}`,
      `check the file against the interface in orm-shootout/plugin with \`tsc --noEmit\``,
    );
  // with the id of another plug-in, results would mix both, and a library's native variant could run instead of the file
  const namesake = (await listPlugIns(kind, treeUrl)).find((known) => known.value.id === value.id && known.url !== url);
  if (namesake !== undefined)
    throw new BenchError(
      "PLUGIN_INVALID",
      `cannot use ${path}: the ${word} "${value.id}" already exists`,
      "give the plug-in another id",
    );
  return { url, value };
}

function nearest(name: string, ids: readonly string[]): string | undefined {
  const [best] = ids.map((id) => ({ id, distance: distance(name, id) })).toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(2, name.length / 3) ? best.id : undefined;
}

/**
 * Finds a plug-in by its id, or by the path of a user's file.
 * @throws BenchError UNKNOWN_NAME or PLUGIN_INVALID
 */
export async function findPlugIn<K extends keyof Kinds>(
  kind: K,
  name: string,
  treeUrl: string = TREE_URL,
): Promise<PlugIn<Kinds[K]>> {
  if (isPath(name)) return loadFile(kind, name, treeUrl);
  const all = await listPlugIns(kind, treeUrl);
  const found = all.find(({ value }) => value.id === name);
  if (found !== undefined) return found;
  throw unknownName(
    KINDS[kind].word,
    name,
    all.map(({ value }) => value.id),
  );
}

/** @param word kind of the unknown name */
export function unknownName(word: string, name: string, ids: readonly string[]): BenchError {
  const guess = nearest(name, ids);
  const known = `known: ${ids.join(", ")}`;
  return new BenchError(
    "UNKNOWN_NAME",
    `no ${word} is named "${name}"`,
    guess === undefined ? known : `did you mean ${guess}? (${known})`,
  );
}

/**
 * The version of an installed package, or null. Many packages hide package.json from `exports`, so this reads the file.
 * @param from the importing module: a user's ORM can have another version than this project
 */
export async function packageVersion(packageName: string, from: string = import.meta.url): Promise<string | null> {
  try {
    const file = findPackageJSON(packageName, from);
    return file === undefined ? null : (JSON.parse(await readFile(file, "utf8")) as { version: string }).version;
  } catch {
    return null;
  }
}
