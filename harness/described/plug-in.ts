/** Plug-ins of a user or of another tree, described by data. No import of this process runs their code. */
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BenchError, messageOf } from "../../lib/errors.ts";
import type { PreparePlace } from "../../orms/orm.ts";
import { fixOfLoadFailure } from "./load-failure.ts";
import { loadAllOutside, loadOutside, prepareOutside, type LoadOutcome } from "./load.ts";
import type { DescribedFields } from "./messages.ts";
import { checkFields, fieldsOf, type DescribedKind } from "./shapes.ts";

export interface DescribedPlugIn {
  readonly url: string;
  readonly value: Readonly<Record<string, unknown>> & { readonly id: string };
}

/** @throws BenchError PLUGIN_INVALID */
function fieldsIn(loaded: LoadOutcome, url: string, path: string): DescribedFields | null {
  if (loaded.how === "loaded") return loaded.fields;
  if (loaded.how === "broken") {
    const { reason, message, stack, code } = loaded.error;
    const error = Object.assign(new Error(message), { stack, code });
    throw new BenchError("PLUGIN_INVALID", `cannot load ${path}: ${reason}`, fixOfLoadFailure(fileURLToPath(url), error), error);
  }
  throw loaded.how === "ended"
    ? new BenchError(
        "PLUGIN_INVALID",
        `cannot load ${path}: it ended the process, or never finished loading`,
        "remove process.exit, and move slow work into the plug-in's functions",
      )
    : new BenchError(
        "PLUGIN_INVALID",
        `cannot load ${path}: it never finished loading`,
        "move slow work into the plug-in's functions, which --cell-limit bounds",
      );
}

/** @throws BenchError PLUGIN_INVALID */
function requireFields(kind: DescribedKind, fields: DescribedFields, path: string): Readonly<Record<string, unknown>> {
  const checked = checkFields(kind, fields);
  if ("data" in checked) return checked.data;
  throw new BenchError(
    "PLUGIN_INVALID",
    `${path}: ${kind}.${checked.field} is wrong: ${checked.expected}`,
    `check the file against the interface in orm-shootout/plugin with \`tsc --noEmit\``,
  );
}

type Prepare = (place?: PreparePlace) => Promise<void>;

/** `prepare` of an ORM, which runs in another process. */
function prepareOf({ functions }: DescribedFields, url: string, path: string, treeUrl: string): { prepare?: Prepare } {
  if (!functions.includes("prepare")) return {};
  const prepare: Prepare = async (place) => {
    await prepareOutside(url, place ?? null, { treeUrl }).catch((error: unknown) => {
      throw new BenchError(
        "PLUGIN_INVALID",
        `prepare of ${path} failed: ${messageOf(error)}`,
        "correct `prepare` in the file, or the files that it reads",
        error,
      );
    });
  };
  return { prepare };
}

/**
 * @param exported names of the export, the first that exists counts
 * @param treeUrl the tree whose `orm-shootout/plugin` the file imports
 * @returns null without the export
 * @throws BenchError PLUGIN_INVALID
 */
export async function describeVariant(
  url: string,
  exported: readonly string[],
  treeUrl: string,
): Promise<Readonly<Record<string, unknown>> | null> {
  const path = fileURLToPath(url);
  const fields = fieldsIn(await loadOutside(url, exported, fieldsOf("nativeVariant"), { treeUrl }), url, path);
  return fields === null ? null : requireFields("nativeVariant", fields, path);
}

/**
 * @param path of the user, for messages
 * @throws BenchError PLUGIN_INVALID
 */
export async function describeFile(
  kind: "strategy" | "orm",
  file: string,
  path: string,
  treeUrl: string,
): Promise<DescribedPlugIn> {
  const url = pathToFileURL(file).href;
  const fields = fieldsIn(await loadOutside(url, [kind], fieldsOf(kind), { treeUrl }), url, path);
  if (typeof fields?.data["id"] !== "string")
    throw new BenchError(
      "PLUGIN_INVALID",
      `${path} exports no \`${kind}\` with an id`,
      `add: export const ${kind} = { id: ${JSON.stringify(basename(path, ".ts"))}, ... }`,
    );
  const data = requireFields(kind, fields, path);
  return { url, value: { ...data, id: fields.data["id"], ...prepareOf(fields, url, path, treeUrl) } };
}

/**
 * The registered plug-ins of another tree, such as the base of a gate. An earlier tree may lack a field of today, so no shape is checked.
 * @param urls files that may contain one
 * @throws BenchError PLUGIN_INVALID
 */
export async function describeAll(
  kind: "strategy" | "orm" | "key",
  urls: readonly string[],
  treeUrl: string,
): Promise<DescribedPlugIn[]> {
  const outcomes = await loadAllOutside(urls, [kind], kind === "key" ? ["id"] : fieldsOf(kind), { treeUrl });
  return outcomes.flatMap((outcome, index) => {
    const url = urls[index] ?? "";
    const path = fileURLToPath(url);
    const fields = fieldsIn(outcome, url, path);
    const id = fields?.data["id"];
    // files without the export contain the interface and helpers
    if (fields === null || typeof id !== "string") return [];
    return [{ url, value: { ...fields.data, id, ...prepareOf(fields, url, path, treeUrl) } }];
  });
}
