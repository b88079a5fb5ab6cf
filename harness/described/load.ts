/**
 * Loads plug-ins of a user or of another tree in another process, and runs the code that a plug-in needs before a run there too.
 */
import { availableParallelism } from "node:os";
import { crowding } from "../../lib/crowding.ts";
import { NodeProcess, stripTypes } from "../../lib/node-process.ts";
import type { PreparePlace } from "../../orms/orm.ts";
import { readDescriberAnswer } from "./answers.ts";
import type { FromDescriber, Loaded, ToDescriber } from "./messages.ts";

/** A library takes up to 5 s to load on a busy machine. */
const LOAD_LIMIT_MS = 20_000;
const FILE = new URL("describe-process.ts", import.meta.url);

/** `ended`: the plug-in ended its process, or waits for nothing. `endless`: the plug-in was still loading after the limit. */
export type LoadOutcome = Loaded | { readonly how: "ended" } | { readonly how: "endless" };

class Ended extends Error {}

/** 40 plug-ins of one run would start 40 processes at the same time, and none would load within the limit. */
let free = availableParallelism();
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  else free -= 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }
}

interface Tree {
  /** the tree of the plug-ins, if Node has to strip types there; absent: this one */
  readonly treeUrl?: string | undefined;
}

interface LoadOptions extends Tree {
  /** absent: by the load of the machine */
  readonly limitMs?: number | undefined;
}

const open = (failed: (message: string) => Error, { treeUrl }: Tree): NodeProcess<ToDescriber, FromDescriber> =>
  new NodeProcess<ToDescriber, FromDescriber>(FILE, {
    nodeOptions: treeUrl === undefined ? [] : stripTypes(treeUrl),
    stderr: "ignore",
    killedWithParent: true,
    failures: { failed, ended: (how) => new Ended(how) },
    read: readDescriberAnswer,
  });

/**
 * One process loads all files.
 * @param exported names of the export, the first that exists counts
 * @param fields of the export
 * @returns an outcome per file
 */
export function loadAllOutside(
  urls: readonly string[],
  exported: readonly string[],
  fields: readonly string[],
  options: LoadOptions = {},
): Promise<readonly LoadOutcome[]> {
  const { limitMs = LOAD_LIMIT_MS * crowding() } = options;
  const all = (outcome: LoadOutcome): LoadOutcome[] => urls.map(() => outcome);
  return inTurn(async () => {
    // an error outside of the import, such as a timer that throws
    await using loader = open((message) => new Error(message), options);
    loader.send({ type: "describe", urls, exported, fields });
    try {
      const answer = await loader.waitFor("described", { timeoutMs: limitMs });
      return answer?.loaded ?? all({ how: "endless" });
    } catch (error) {
      if (error instanceof Ended) return all({ how: "ended" });
      const { message, stack = "" } = error as Error;
      return all({ how: "broken", error: { message, reason: message, stack, code: "" } });
    }
  });
}

/** {@link loadAllOutside} for one file. */
export async function loadOutside(
  url: string,
  exported: readonly string[],
  fields: readonly string[],
  options: LoadOptions = {},
): Promise<LoadOutcome> {
  const [outcome] = await loadAllOutside([url], exported, fields, options);
  return outcome ?? { how: "ended" };
}

/** Runs `prepare` of an ORM. @throws Error with the reason */
export async function prepareOutside(url: string, place: PreparePlace | null, tree: Tree = {}): Promise<void> {
  await using loader = open((message) => new Error(message), tree);
  await loader.request({ type: "prepare", url, place }, "prepared").catch((error: unknown) => {
    throw error instanceof Ended ? new Error(`its process ended (${error.message})`) : error;
  });
}
