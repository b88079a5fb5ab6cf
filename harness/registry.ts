/**
 * Finds plug-ins by their place: a file or folder in the right place is registered without any other change. The registry loads
 * only descriptions; the child process loads the library of an ORM. Files of a user, and of the base of a gate, are loaded in another
 * process (described/).
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { BenchError } from "../lib/errors.ts";
import type { Micro } from "../orms/micro.ts";
import type { Orm, OrmDescription } from "../orms/orm.ts";
import type { KeyScheme } from "../strategies/keys/key.ts";
import type { Preset } from "../strategies/presets/preset.ts";
import type { NativeVariantDescription, Strategy, StrategyDescription } from "../strategies/strategy.ts";
import { nearest } from "./described/nearest.ts";
import { describeAll, describeFile, describeVariant, type DescribedPlugIn } from "./described/plug-in.ts";
import type { Check } from "./doctor/check.ts";
import type { LocalityProbe } from "./probes/locality/probe.ts";
import type { ServerProbe } from "./probes/server/probe.ts";
import type { Reporter } from "./reporters/reporter.ts";
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
  locality: { folder: "harness/probes/locality/", exported: "probe", word: "probe" },
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
  locality: LocalityProbe;
  micro: Micro;
  check: Check;
  reporter: Reporter;
  suite: Suite;
}

/** The parts of a plug-in that the harness holds after a name or a path selected it. Functions of a user's file stay in other processes. */
interface Described extends Omit<Kinds, "strategy" | "orm"> {
  strategy: StrategyDescription;
  orm: OrmDescription;
}

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

/** All plug-ins of a kind in this tree, in order of their ids. */
export async function listPlugIns<K extends keyof Kinds>(kind: K): Promise<PlugIn<Kinds[K]>[]> {
  const { folder, within, exported }: KindOfPlugIn = KINDS[kind];
  const found: PlugIn<Kinds[K]>[] = [];
  const further = within === undefined ? [] : filesWithin(new URL(within.folder, TREE_URL), within.file);
  for (const url of [...modulesIn(new URL(folder, TREE_URL)), ...further]) {
    const module = (await import(url.href)) as Record<string, Kinds[K] | undefined>;
    // files without the export contain the interface and helpers
    const value = module[exported];
    if (value !== undefined) found.push({ url: url.href, value });
  }
  return found.toSorted((a, b) => a.value.id.localeCompare(b.value.id));
}

export const isPath = (name: string): boolean => /^\.{0,2}\/|\.[cm]?[jt]s$/.test(name);

/** @throws BenchError PLUGIN_INVALID without a file at the place */
function fileOf(path: string, word: string): string {
  const place = resolve(path);
  const file = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true ? join(place, "index.ts") : place;
  if (existsSync(file)) return file;
  throw new BenchError(
    "PLUGIN_INVALID",
    `no file ${file === place ? path : join(path, "index.ts")} for the ${word}`,
    "check the path, which is relative to the current folder",
  );
}

/** A second process for the same files would give the same descriptions: an import happens once per process too. */
const described = new Map<string, Promise<readonly DescribedPlugIn[]>>();

async function describedOnce(
  id: string,
  describe: () => Promise<readonly DescribedPlugIn[]>,
): Promise<readonly DescribedPlugIn[]> {
  const pending = described.get(id) ?? describe();
  described.set(id, pending);
  return pending.catch((error: unknown) => {
    described.delete(id);
    throw error;
  });
}

/**
 * The plug-ins of the base of a gate. Its code is measured and this process verifies the result, so no import of this process runs it.
 * Of a key, only the file is the base's: its conditions verify both sides.
 */
async function listBase<K extends "strategy" | "orm" | "key">(kind: K, treeUrl: string): Promise<PlugIn<Described[K]>[]> {
  const urls = modulesIn(new URL(KINDS[kind].folder, treeUrl)).map(({ href }) => href);
  const found = await describedOnce(`${kind} ${treeUrl}`, () => describeAll(kind, urls, treeUrl));
  if (kind !== "key") return found as unknown as PlugIn<Described[K]>[];
  const ours = new Map((await listPlugIns("key")).map(({ value }) => [value.id, value]));
  return found.flatMap(({ url, value: { id } }) => {
    const value = ours.get(id);
    return value === undefined ? [] : [{ url, value: value as Described[K] }];
  });
}

async function listDescribed<K extends keyof Kinds>(kind: K, treeUrl: string): Promise<PlugIn<Described[K]>[]> {
  if (treeUrl !== TREE_URL && (kind === "strategy" || kind === "orm" || kind === "key"))
    return (await listBase(kind, treeUrl)) as unknown as PlugIn<Described[K]>[];
  return await listPlugIns(kind);
}

async function loadFile<K extends keyof Kinds>(kind: K, path: string, treeUrl: string): Promise<PlugIn<Described[K]>> {
  const { word } = KINDS[kind];
  // an import of another kind would run the user's code in this process
  if (kind !== "strategy" && kind !== "orm")
    throw new BenchError(
      "PLUGIN_INVALID",
      `cannot load ${path}: bench takes a strategy or an ORM by path, and no ${word}`,
      `name a registered ${word}`,
    );
  const file = fileOf(path, word);
  const [plugIn] = await describedOnce(`${kind} ${treeUrl} ${resolve(path)}`, async () => [
    await describeFile(kind, file, path, treeUrl),
  ]);
  if (plugIn === undefined) throw new Error(`no description of ${path}`);
  const { url, value } = plugIn;
  // with the id of another plug-in, results would mix both, and a library's native variant could run instead of the file
  const namesake = (await listDescribed(kind, treeUrl)).find((known) => known.value.id === value.id && known.url !== url);
  if (namesake !== undefined)
    throw new BenchError(
      "PLUGIN_INVALID",
      `cannot use ${path}: the ${word} "${value.id}" already exists`,
      "give the plug-in another id",
    );
  return { url, value: value as unknown as Described[K] };
}

/** Trees before 0.1.0 export `ownWay`: without this name, a gate would run the general code as their base. */
const NATIVE_VARIANT = ["nativeVariant", "ownWay"] as const;

/**
 * The code of an ORM for one strategy, in a file of the strategy's name beside the ORM.
 * @param orm `isUsers` is true for the ORM of a user
 */
export async function findNativeVariant(
  strategyId: string,
  ormUrl: string,
  { isUsers = false, treeUrl = TREE_URL }: { readonly isUsers?: boolean; readonly treeUrl?: string } = {},
): Promise<PlugIn<NativeVariantDescription> | null> {
  const url = new URL(`./${strategyId}.ts`, ormUrl);
  if (!existsSync(url)) return null;
  if (isUsers || treeUrl !== TREE_URL) {
    const found = await describeVariant(url.href, NATIVE_VARIANT, treeUrl);
    return found === null ? null : { url: url.href, value: found as unknown as NativeVariantDescription };
  }
  const module = (await import(url.href)) as Readonly<Record<string, NativeVariantDescription | undefined>>;
  const value = NATIVE_VARIANT.map((name) => module[name]).find((found) => found !== undefined);
  return value === undefined ? null : { url: url.href, value };
}

/**
 * Finds a plug-in by its id, or by the path of a user's file.
 * @throws BenchError UNKNOWN_NAME or PLUGIN_INVALID
 */
export async function findPlugIn<K extends keyof Kinds>(
  kind: K,
  name: string,
  treeUrl: string = TREE_URL,
): Promise<PlugIn<Described[K]>> {
  if (isPath(name)) return loadFile(kind, name, treeUrl);
  const all = await listDescribed(kind, treeUrl);
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
