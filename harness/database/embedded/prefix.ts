/** A private folder with a MySQL server, its libraries and its loader, extracted from packages without installation. */
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { BenchError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import { run } from "../../../lib/run-program.ts";
import { dropUnusedLibraries, extractAll, loaderIn, namesIn, readManifest, writeManifest, type Loader } from "./extract.ts";

/** plugins for replication and clones; test plugins and telemetry are removed */
const KEPT_PLUGINS = new Set(["group_replication.so", "mysql_clone.so", "component_reference_cache.so"]);
const KEPT_MESSAGES = new Set(["english", "charsets"]);

export interface Prefix {
  readonly root: string;
  readonly loader: string;
  readonly libraryPath: string;
  readonly mysqld: string;
  readonly version: string;
  /** sha256 of the package list, which contains the sha256 of each package */
  readonly manifest: string;
}

async function layout(root: string): Promise<(Loader & { mysqld: string }) | null> {
  const loader = await loaderIn(root, ["mysql/private"]);
  return loader === null ? null : { ...loader, mysqld: join(root, "usr/sbin/mysqld") };
}

async function keepOnly(folder: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await namesIn(folder)) if (!kept.has(name)) await rm(join(folder, name), { recursive: true, force: true });
}

/** Removes files that this server never reads, from 342 MB to 133 MB. The manifest still lists all packages. */
async function slim(root: string): Promise<void> {
  const place = await layout(root);
  if (place === null) return;
  const share = join(root, "usr/share");
  for (const name of await namesIn(share)) {
    if (name.startsWith("mysql")) await keepOnly(join(share, name), KEPT_MESSAGES);
    else await rm(join(share, name), { recursive: true, force: true });
  }
  const plugins = join(root, "usr/lib/mysql/plugin");
  await keepOnly(plugins, KEPT_PLUGINS);
  await dropUnusedLibraries(place, [place.mysqld, ...(await namesIn(plugins)).map((name) => join(plugins, name))]);
}

/** The prefix in this folder; null if it is missing or does not run. */
export async function readPrefix(root: string): Promise<Prefix | null> {
  const [place, manifest] = [await layout(root), await readManifest(root)];
  if (place === null || manifest === null) return null;
  const { exitCode, stdout } = await run(place.loader, [
    "--library-path",
    place.libraryPath,
    place.mysqld,
    "--no-defaults",
    "--version",
  ]);
  const version = /Ver (\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
  if (exitCode !== 0 || version === undefined) return null;
  return { root, ...place, version, manifest };
}

/**
 * Creates a prefix from downloaded packages, atomically by a rename.
 * @throws BenchError DOWNLOAD_FAILED if the server does not run
 */
export async function buildPrefix(archives: readonly string[], root: string, draft: string, log: Log): Promise<Prefix> {
  log.info(`Extracting ${archives.length} packages`);
  await mkdir(draft, { recursive: true });
  await extractAll(archives, draft);
  await slim(draft);
  await writeManifest(archives, draft);
  if ((await readPrefix(draft)) === null) {
    const place = await layout(draft);
    const said =
      place === null ? "no loader" : await run(place.loader, ["--library-path", place.libraryPath, place.mysqld, "--version"]);
    const why = typeof said === "string" ? said : said.stderr.trim();
    throw new BenchError(
      "DOWNLOAD_FAILED",
      `the extracted MySQL does not run: ${why}`,
      "use Docker or `--db mysql://...`, and report the line above",
    );
  }
  await rm(root, { recursive: true, force: true });
  await rename(draft, root);
  const prefix = await readPrefix(root);
  if (prefix === null) throw new BenchError("DOWNLOAD_FAILED", `the MySQL in ${root} does not run after the move`);
  return prefix;
}
