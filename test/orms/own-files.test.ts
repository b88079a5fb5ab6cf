import { readFile, readdir } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { basename, dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { importWithOwnFiles } from "../../orms/own-files.ts";

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
    const manifest = findPackageJSON("drizzle-orm", import.meta.url) ?? "";
    const { type } = JSON.parse(await readFile(manifest, "utf8")) as { type: string };
    expect(type).toBe("module");
    const files = await readdir(dirname(manifest), { recursive: true });
    expect(files.filter((file) => basename(file) === "package.json")).toEqual(["package.json"]);
  });
});
