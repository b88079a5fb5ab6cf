import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { packagesOf } from "../../harness/packages/installed.ts";
import { listPlugIns } from "../../harness/registry.ts";

interface LockedPackage {
  version?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** With 60 MB as the limit of the whole, this leaves room for the files of the package itself. */
const MAX_DEPENDENCIES_BYTES = 55 * 2 ** 20;
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

/** The place of a package, as Node resolves it from another package's place. */
function placeOf(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const place = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (packages[place] !== undefined) return place;
    if (folder === "") return undefined;
  }
}

/** The packages that npm installs for these dependencies. */
function installedFor(names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visit = (name: string, from: string): void => {
    const place = placeOf(name, from);
    if (place === undefined || found.has(place)) return;
    found.add(place);
    const { dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} } = packages[place] ?? {};
    const peers = Object.keys(peerDependencies).filter((peer) => peerDependenciesMeta[peer]?.optional !== true);
    for (const next of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) visit(next, place);
  };
  for (const name of names) visit(name, "");
  return found;
}

/** The space on the disk, without packages inside of the package. */
async function bytesOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += entry.name === "node_modules" ? 0 : await bytesOf(path);
    else bytes += (await lstat(path)).blocks * 512;
  }
  return bytes;
}

describe("the lock file", () => {
  it("records no download address, so that npm can install from any registry", () => {
    expect(text).not.toMatch(/"resolved": "https?:/);
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
    const measured = new Set(orms.flatMap((orm) => packagesOf(orm)));
    for (const name of measured) {
      if (name === "mysql2") continue;
      expect(manifest.dependencies, name).not.toHaveProperty([name]);
      expect(manifest.peerDependencies, name).toHaveProperty([name], "*");
    }
  });

  it("takes less than 60 MB with what it brings along", async () => {
    const places = [...installedFor(Object.keys(manifest.dependencies ?? {}))];
    expect(places.length).toBeGreaterThan(50);
    const sizes = await Promise.all(places.map(async (place) => [place, await bytesOf(join(ROOT, place))] as const));
    const largest = sizes.toSorted(([, a], [, b]) => b - a).slice(0, 5);
    expect(
      sizes.reduce((sum, [, bytes]) => sum + bytes, 0),
      largest.join(" "),
    ).toBeLessThan(MAX_DEPENDENCIES_BYTES);
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

  it("pins the same Node for every platform of a clone", () => {
    expect(new Set(Object.values(runtime.optionalDependencies ?? {})).size).toBe(1);
  });
});
