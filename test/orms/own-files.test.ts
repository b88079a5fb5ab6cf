import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { importWithOwnFiles } from "../../orms/own-files.ts";

const require = createRequire(import.meta.url);

describe("importWithOwnFiles", () => {
  it("loads the same module as a plain import", async () => {
    const mysqlCore = await importWithOwnFiles("drizzle-orm", () => import("drizzle-orm/mysql-core"));
    expect(await import("drizzle-orm/mysql-core")).toBe(mysqlCore);
  });

  it("rethrows the error of an import that fails", async () => {
    const missing = "drizzle-orm/no-such-file";
    await expect(importWithOwnFiles("drizzle-orm", () => import(missing))).rejects.toThrow(/no-such-file/);
  });

  it("fits drizzle-orm: no folder of the package changes the type of its files", async () => {
    const manifest = require.resolve("drizzle-orm/package.json");
    const { type } = JSON.parse(await readFile(manifest, "utf8")) as { type: string };
    expect(type).toBe("module");
    const files = await readdir(dirname(manifest), { recursive: true });
    const nested = files.filter((file) => file.endsWith(join("/", "package.json")));
    expect(nested).toEqual([]);
  });
});
