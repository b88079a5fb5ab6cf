import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

interface LockedPackage {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

const text = await readFile(new URL("../../package-lock.json", import.meta.url), "utf8");
const packages = (JSON.parse(text) as { packages: Record<string, LockedPackage> }).packages;
const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as Record<
  string,
  Record<string, string>
>;

describe("the lock file", () => {
  it("records no download address, so that npm can install from any registry", () => {
    expect(text).not.toContain('"resolved"');
  });
  it("lists every optional package of every platform, because `npm ci` rejects a lock file without them", () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe("the package", () => {
  it("pins every dependency exactly", () => {
    for (const kind of ["dependencies", "devDependencies", "optionalDependencies"])
      for (const [name, version] of Object.entries(manifest[kind] ?? {})) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  });
  it("pins the same Node version for every platform with a Node package", () => {
    const versions = Object.entries(manifest.optionalDependencies ?? {}).filter(([name]) => name.startsWith("node-"));
    expect(new Set(versions.map(([, version]) => version)).size).toBe(1);
  });
});
