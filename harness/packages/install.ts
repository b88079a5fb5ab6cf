/** Installs a version of a library once, with a lock file. A lock serializes several benches, and a rename makes it atomic. */
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf, BenchError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { OrmDescription } from "../../orms/orm.ts";
import { makePrivateFolder } from "../database/home.ts";
import { acquireLock } from "../database/lock.ts";
import { runNpm } from "./npm.ts";
import { lookupUrl, type PackageSet } from "./package-set.ts";

interface InstallOptions {
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** The part of a planned cell that names its packages. */
interface CellPackages {
  readonly orm: Pick<OrmDescription, "prepare">;
  readonly modules: { readonly ormUrl: string };
  readonly packages: PackageSet | null;
  readonly skipReason: string | null;
}

/** --install-links copies a build's folder: a link would resolve dependencies in the folder of the build. */
const INSTALL = ["install", "--save-exact", "--install-links", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

const describe = ({ packages }: PackageSet): string =>
  Object.entries(packages)
    .map(([name, version]) => `${name}@${version}`)
    .join(", ");

/**
 * Installs into a temporary folder and renames it at the end, so that another process never sees a partial installation.
 * @throws BenchError PACKAGES_NOT_INSTALLED, or the reason of the signal
 */
export async function installAside(
  folder: string,
  purpose: string,
  { log, signal }: InstallOptions,
  install: (aside: string) => Promise<void>,
): Promise<void> {
  if (existsSync(folder)) return;
  await makePrivateFolder(dirname(folder));
  await using _lock = await acquireLock(`${folder}.lock`, { log, purpose, signal });
  if (existsSync(folder)) return;
  log.info(`${purpose} (once)`);
  const aside = await mkdtemp(`${folder}.installing-`);
  try {
    await install(aside);
    await rename(aside, folder);
  } catch (error) {
    if (error instanceof BenchError || signal.aborted) throw error;
    throw new BenchError(
      "PACKAGES_NOT_INSTALLED",
      `${purpose} failed: ${messageOf(error)}`,
      "check the disk, then run the same command again",
      error,
    );
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function ensurePackages(set: PackageSet, options: InstallOptions): Promise<void> {
  await installAside(set.folder, `installing ${describe(set)}`, options, async (aside) => {
    const manifest = { private: true, type: "module", dependencies: set.packages };
    await writeFile(join(aside, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    await runNpm(INSTALL, aside, describe(set), options.signal);
  });
}

/** Installs requested versions and generates code for all cells that run, before the first sample. */
export async function preparePackages(cells: readonly CellPackages[], options: InstallOptions): Promise<void> {
  const seen = new Set<string>();
  for (const { orm, modules, packages, skipReason } of cells) {
    const id = `${modules.ormUrl} ${packages?.folder}`;
    if (skipReason !== null || seen.has(id)) continue;
    seen.add(id);
    if (packages === null) {
      await orm.prepare?.();
      continue;
    }
    await ensurePackages(packages, options);
    const generatedFolder = packages.generated?.to;
    if (generatedFolder !== undefined) await orm.prepare?.({ packagesUrl: lookupUrl(packages), generatedFolder });
  }
}
