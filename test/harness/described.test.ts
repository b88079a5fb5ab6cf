/** Users' files are loaded in another process, which sends their descriptions as plain data. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadOutside, type LoadOutcome } from "../../harness/described/load.ts";
import { findNativeVariant, findPlugIn } from "../../harness/registry.ts";

const mysql2 = JSON.stringify(new URL("../../orms/mysql2/index.ts", import.meta.url).href);

const FILES = {
  "fine.ts": "export const strategy: { id: string } = { id: 'fine' };",
  "throws.ts": "throw new Error('no')",
  "exits.ts": "process.exit(3)",
  "waits.ts": "await new Promise(() => {});",
  "lies.ts": "process.send({ type: 'described', loaded: 5 }); await new Promise(() => {});",
  "loops.ts": "for (;;);",
  "timer.ts": "setInterval(() => {}, 1000); await new Promise(() => {});",
  "marks.ts": `globalThis.marked = true; process.env.MARKED = "yes"; Array.prototype.marked = true;
    export const strategy = { id: "marks", summary: "s", requires: ["raw-sql"], usesChunks: false, splitsByUsers: true, run() {} };`,
  "prepares.ts": `import { writeFileSync } from "node:fs"; import { orm as mysql2 } from ${mysql2};
    export const orm = { ...mysql2, id: "prepares", prepare: async () => writeFileSync(new URL("prepared", import.meta.url), String(process.pid)) };`,
  "cannot-prepare.ts": `import { orm as mysql2 } from ${mysql2};
    export const orm = { ...mysql2, id: "cannot-prepare", prepare: async () => { throw new Error("no schema file") } };`,
  "function-in-settings.ts": `import { orm as mysql2 } from ${mysql2};
    export const orm = { ...mysql2, id: "function-in-settings", settings: { pool: () => 3 } };`,
  "object-in-settings.ts": `import { orm as mysql2 } from ${mysql2};
    export const orm = { ...mysql2, id: "object-in-settings", settings: { pool: { size: 3 } } };`,
  "counts-of-one-key.ts": `import { orm as mysql2 } from ${mysql2};
    export const orm = { ...mysql2, id: "counts-of-one-key", statements: { ...mysql2.statements, insertOne: { serverKey: 3 } } };`,
  "counts-by-key.ts": `import { orm as mysql2 } from ${mysql2};
    export const orm = { ...mysql2, id: "counts-by-key", statements: { ...mysql2.statements, insertOne: { serverKey: 3, clientKey: 1 } } };`,
  "chunked.ts": `globalThis.marked = true; export const nativeVariant = { api: "raw-sql", summary: "native", run() {} };`,
};

let folder: string;
const file = (name: keyof typeof FILES): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "described-"));
  for (const [name, code] of Object.entries(FILES)) await writeFile(join(folder, name), code);
});
afterAll(() => rm(folder, { recursive: true }));

describe("a file that a user names", () => {
  const load = (name: keyof typeof FILES, limitMs?: number): Promise<LoadOutcome> =>
    loadOutside(pathToFileURL(file(name)).href, ["strategy"], ["id"], { limitMs });

  it.each([
    ["fine.ts", { how: "loaded", fields: { data: { id: "fine" }, functions: [] } }],
    ["throws.ts", { how: "broken", error: { message: "no", code: "" } }],
    ["exits.ts", { how: "ended" }],
    ["waits.ts", { how: "ended" }],
    ["lies.ts", { how: "broken", error: { message: "its process sent a message that bench does not accept" } }],
  ] as const)("is loaded, or ends by itself: %s", async (name, outcome) => {
    expect(await load(name)).toMatchObject(outcome);
  });
  it.each(["loops.ts", "timer.ts"] as const)("is stopped when it never finishes loading: %s", async (name) => {
    expect(await load(name, 300)).toEqual({ how: "endless" });
  });
});

describe("a user's plug-in", () => {
  const isMarked = (): boolean => "marked" in globalThis || "marked" in Array.prototype || process.env["MARKED"] !== undefined;

  it("is described by data, and its import changes nothing in the process of bench", async () => {
    const { value } = await findPlugIn("strategy", file("marks.ts"));
    expect(value).toEqual({ id: "marks", summary: "s", requires: ["raw-sql"], usesChunks: false, splitsByUsers: true });
    expect(isMarked()).toBe(false);
  });

  it("has native variants beside its ORM, which are not imported either", async () => {
    const { url } = await findPlugIn("orm", file("prepares.ts"));
    const found = await findNativeVariant("chunked", url, { isUsers: true });
    expect(found?.value).toEqual({ api: "raw-sql", summary: "native" });
    expect(isMarked()).toBe(false);
  });

  it("prepares its library in another process", async () => {
    const { value } = await findPlugIn("orm", file("prepares.ts"));
    await value.prepare?.();
    const pid = Number(await readFile(join(folder, "prepared"), "utf8"));
    expect(pid).toBeGreaterThan(0);
    expect(pid).not.toBe(process.pid);
  });

  it("ends the run with the reason when it cannot prepare", async () => {
    const { value } = await findPlugIn("orm", file("cannot-prepare.ts"));
    await expect(value.prepare?.()).rejects.toMatchObject({
      code: "PLUGIN_INVALID",
      message: expect.stringMatching(/^prepare of .*cannot-prepare\.ts failed: no schema file$/),
    });
  });

  it.each([
    ["a function", "function-in-settings.ts", /cannot load .*could not be cloned/],
    ["an object", "object-in-settings.ts", /orm\.settings\.pool is wrong: expected text, a number, true or false/],
  ] as const)("is refused with %s in its settings, which no record can hold", async (_what, name, message) => {
    await expect(findPlugIn("orm", file(name))).rejects.toMatchObject({
      code: "PLUGIN_INVALID",
      message: expect.stringMatching(message),
    });
  });

  it("declares the statements of a single insert once, or apart for keys of the server and of the client", async () => {
    const { value } = await findPlugIn("orm", file("counts-by-key.ts"));
    expect(value.statements.insertOne).toEqual({ serverKey: 3, clientKey: 1 });
    await expect(findPlugIn("orm", file("counts-of-one-key.ts"))).rejects.toMatchObject({
      code: "PLUGIN_INVALID",
      message: expect.stringContaining("orm.statements.insertOne is wrong: expected a number, or { serverKey, clientKey }"),
    });
  });

  it("is refused by path for other kinds, whose import would run in bench", async () => {
    await expect(findPlugIn("key", file("marks.ts"))).rejects.toMatchObject({
      code: "PLUGIN_INVALID",
      message: expect.stringContaining("bench takes a strategy or an ORM by path, and no key"),
    });
    expect(isMarked()).toBe(false);
  });
});

describe("a plug-in of the base of a gate", () => {
  const isMarked = (): boolean => "marked" in globalThis || "marked" in Array.prototype;
  let treeUrl: string;
  beforeAll(async () => {
    const tree = {
      "strategies/marks.ts": FILES["marks.ts"],
      "strategies/strategy.ts": "globalThis.marked = true; export const helper = 1;",
      "strategies/keys/identity.ts": `globalThis.marked = true;
        export const key = { id: "identity", summary: "s", storage: "other", check: { everyRow: "TRUE", ordered: false } };`,
      "strategies/keys/unknown.ts": `export const key = { id: "unknown", storage: "identity" };`,
      "orms/old/index.ts": `globalThis.marked = true;
        export const orm = { id: "old", packageName: "mysql2", capabilities: new Set(["raw-sql"]), prepare: async () => {}, connect() {} };`,
      "orms/old/chunked.ts": `globalThis.marked = true; export const ownWay = { api: "raw-sql", summary: "native", run() {} };`,
    };
    for (const [name, code] of Object.entries(tree)) {
      await mkdir(dirname(join(folder, "tree", name)), { recursive: true });
      await writeFile(join(folder, "tree", name), code);
    }
    treeUrl = pathToFileURL(join(folder, "tree/")).href;
  });

  it("is described by data, and runs no code in the process of bench", async () => {
    const { value, url } = await findPlugIn("strategy", "marks", treeUrl);
    expect(value).toEqual({ id: "marks", summary: "s", requires: ["raw-sql"], usesChunks: false, splitsByUsers: true });
    expect(url).toBe(new URL("strategies/marks.ts", treeUrl).href);
    const orm = await findPlugIn("orm", "old", treeUrl);
    expect(orm.value).toMatchObject({ id: "old", packageName: "mysql2", capabilities: new Set(["raw-sql"]) });
    await orm.value.prepare?.();
    expect((await findNativeVariant("chunked", orm.url, { treeUrl }))?.value).toEqual({ api: "raw-sql", summary: "native" });
    expect(isMarked()).toBe(false);
  });

  it("has the conditions of this version as a key, because these verify both sides", async () => {
    const ours = await findPlugIn("key", "identity");
    const { value, url } = await findPlugIn("key", "identity", treeUrl);
    expect(value).toEqual(ours.value);
    expect(url).toBe(new URL("strategies/keys/identity.ts", treeUrl).href);
    await expect(findPlugIn("key", "unknown", treeUrl)).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
    expect(isMarked()).toBe(false);
  });
});
