/**
 * Loads plug-ins of a user or of another tree, and sends their descriptions as plain data. The plug-in's code runs with the rights of the user's account, but
 * not in the process that measures and verifies: there, an import replaced the driver, and the harness counted 0 statements.
 */
import { reasonOf } from "../../lib/errors.ts";
import type { Orm } from "../../orms/orm.ts";
import type { DescribedFields, FromDescriber, Loaded, LoadError, ToDescriber } from "./messages.ts";

// bound before the plug-in loads, so that the plug-in's own process ends with its parent
const send = process.send?.bind(process);
const exit = process.exit.bind(process);

function say(message: FromDescriber): void {
  process.channel?.ref();
  send?.(message);
}

function fieldsOf(value: object, fields: readonly string[]): DescribedFields {
  const found = fields.map((name) => [name, (value as Readonly<Record<string, unknown>>)[name]] as const);
  return {
    data: Object.fromEntries(found.filter(([, field]) => field !== undefined && typeof field !== "function")),
    functions: found.filter(([, field]) => typeof field === "function").map(([name]) => name),
  };
}

const loadError = (thrown: unknown): LoadError => {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    message: error.message,
    reason: reasonOf(thrown),
    stack: error.stack ?? "",
    code: "code" in error ? String(error.code) : "",
  };
};

async function load(url: string, exported: readonly string[], fields: readonly string[]): Promise<Loaded> {
  try {
    const module = (await import(url)) as Readonly<Record<string, unknown>>;
    const value = exported.map((name) => module[name]).find((found) => found !== undefined && found !== null);
    const found = typeof value === "object" ? fieldsOf(value, fields) : null;
    // throws if a field holds a value that no message can carry, such as a function within `settings`
    structuredClone(found);
    return { how: "loaded", fields: found };
  } catch (error) {
    return { how: "broken", error: loadError(error) };
  }
}

async function handle(message: ToDescriber): Promise<void> {
  if (message.type === "prepare") {
    const { orm } = (await import(message.url)) as { orm: Orm };
    await orm.prepare?.(message.place ?? undefined);
    say({ type: "prepared" });
    return;
  }
  // an import that waits for nothing then ends this process, instead of the limit of the parent
  process.channel?.unref();
  const loaded: Loaded[] = [];
  for (const url of message.urls) loaded.push(await load(url, message.exported, message.fields));
  say({ type: "described", loaded });
}

const fail = (error: unknown): void => say({ type: "failed", message: reasonOf(error) });

process.on("message", (message: ToDescriber) => void handle(message).catch(fail));
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
process.on("disconnect", () => exit(1));
