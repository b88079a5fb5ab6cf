import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";

interface LockedPackage {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

const text = await readFile(new URL("../../package-lock.json", import.meta.url), "utf8");
const packages = (JSON.parse(text) as { packages: Record<string, LockedPackage> }).packages;
interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional: boolean }>;
}
const readManifest = async (path: string): Promise<Manifest> =>
  JSON.parse(await readFile(new URL(`../../${path}`, import.meta.url), "utf8")) as Manifest;
const manifest = await readManifest("package.json");
const runtime = await readManifest("runtime/package.json");
const orms = (await listPlugIns("orm")).map(({ value }) => value);

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
    for (const { dependencies, devDependencies, optionalDependencies } of [manifest, runtime])
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }))
        expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("brings no measured library but the driver of bench, and accepts every version of a library that the user has", () => {
    const measured = new Set(orms.flatMap(({ packageName, packages = [] }) => [packageName, ...packages]));
    for (const name of measured) {
      if (name === "mysql2") continue;
      expect(manifest.dependencies, name).not.toHaveProperty([name]);
      expect(manifest.peerDependencies, name).toHaveProperty([name], "*");
    }
  });

  it("needs none of its peers, and tests each of them in one version", () => {
    for (const name of Object.keys(manifest.peerDependencies ?? {})) {
      expect(manifest.peerDependenciesMeta?.[name], name).toEqual({ optional: true });
      expect(manifest.devDependencies, name).toHaveProperty([name]);
    }
  });

  it("contains no Node, which would run the other scripts of the user's project", () => {
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }))
      expect(name).not.toMatch(/^node(-|$)/);
  });

  it("pins the same Node for every platform of a clone", async () => {
    const wanted = (await readFile(new URL("../../.nvmrc", import.meta.url), "utf8")).trim();
    expect(new Set(Object.values(runtime.optionalDependencies ?? {}))).toEqual(new Set([wanted]));
  });
});
