/** A private folder with a MySQL server, its libraries and its loader, extracted from packages without installation. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { BenchError } from "../../../lib/errors.ts";
import { writing } from "../../../lib/file-errors.ts";
import type { Log } from "../../../lib/log.ts";
import { run, runPiped } from "../../../lib/run-program.ts";

const MANIFEST_FILE = "MANIFEST.sha256";
/** plugins for replication and clones; test plugins and telemetry are removed */
const KEPT_PLUGINS = new Set(["group_replication.so", "mysql_clone.so", "component_reference_cache.so"]);
const KEPT_MESSAGES = new Set(["english", "charsets"]);
const EXTRACT_AT_ONCE = 2;
const NOT_EXTRACTED = [
  "./etc",
  "./var",
  "./bin",
  "./sbin",
  "./usr/bin",
  "./usr/libexec",
  "./usr/share/doc",
  "./usr/share/man",
  "./usr/share/locale",
  "./usr/share/lintian",
  "./usr/share/bug",
  "*/gconv",
  "*/telemetry_client.so",
  "*/component_telemetry.so",
];

export interface Prefix {
  readonly root: string;
  readonly loader: string;
  readonly libraryPath: string;
  readonly mysqld: string;
  readonly version: string;
  /** sha256 of the package list, which contains the sha256 of each package */
  readonly manifest: string;
}

async function sha256OfFile(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

async function extractPackage(archive: string, root: string): Promise<void> {
  const excludes = NOT_EXTRACTED.map((pattern) => `--exclude=${pattern}`);
  const [unpacked, extracted] = await runPiped(
    ["dpkg-deb", ["--fsys-tarfile", archive]],
    ["tar", ["-x", "--keep-directory-symlink", "--no-same-owner", ...excludes, "-C", root]],
  );
  if (unpacked.exitCode === 0 && extracted.exitCode === 0) return;
  throw new BenchError(
    "DOWNLOAD_FAILED",
    `cannot extract ${basename(archive)}: ${(unpacked.stderr + extracted.stderr).trim()}`,
    "check disk space, then run the same command again",
  );
}

async function extractAll(archives: readonly string[], root: string): Promise<void> {
  for (const folder of ["lib", "lib64", "sbin"]) await mkdir(join(root, "usr", folder), { recursive: true });
  // packages use /lib or /usr/lib; the links put all libraries into one folder
  for (const folder of ["lib", "lib64", "sbin"]) await symlink(join("usr", folder), join(root, folder));
  const sized = await Promise.all(archives.map(async (path) => ({ path, bytes: (await stat(path)).size })));
  const queue = sized.toSorted((a, b) => b.bytes - a.bytes);
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await extractPackage(next.path, root);
  };
  await Promise.all(Array.from({ length: EXTRACT_AT_ONCE }, work));
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

async function layout(root: string): Promise<{ loader: string; libraries: string; libraryPath: string; mysqld: string } | null> {
  const usrLib = join(root, "usr/lib");
  const triplet = (await namesIn(usrLib)).find((name) => name.includes("-linux-gnu"));
  if (triplet === undefined) return null;
  const libraries = join(usrLib, triplet);
  const loader = (await namesIn(libraries)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
  if (loader === undefined) return null;
  const libraryPath = [libraries, usrLib, join(usrLib, "mysql/private")].join(":");
  return { loader: join(libraries, loader), libraries, libraryPath, mysqld: join(root, "usr/sbin/mysqld") };
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
  const used = new Set([await realpath(place.loader)]);
  for (const program of [place.mysqld, ...(await namesIn(plugins)).map((name) => join(plugins, name))]) {
    const { stdout } = await run(place.loader, ["--library-path", place.libraryPath, "--list", program]);
    for (const [, path] of stdout.matchAll(/=> (\/.+) \(0x/g)) if (path !== undefined) used.add(await realpath(path));
  }
  for (const name of await namesIn(place.libraries)) {
    const path = join(place.libraries, name);
    if (!used.has(await realpath(path).catch(() => path))) await rm(path, { recursive: true, force: true });
  }
}

/** The prefix in this folder; null if it is missing or does not run. */
export async function readPrefix(root: string): Promise<Prefix | null> {
  const [place, list] = [await layout(root), await readFile(join(root, MANIFEST_FILE)).catch(() => null)];
  if (place === null || list === null) return null;
  const { exitCode, stdout } = await run(place.loader, [
    "--library-path",
    place.libraryPath,
    place.mysqld,
    "--no-defaults",
    "--version",
  ]);
  const version = /Ver (\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
  if (exitCode !== 0 || version === undefined) return null;
  return { root, ...place, version, manifest: createHash("sha256").update(list).digest("hex") };
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
  const lines = await Promise.all(archives.map(async (path) => `${await sha256OfFile(path)}  ${basename(path)}`));
  const list = `${lines.toSorted((a, b) => a.slice(66).localeCompare(b.slice(66))).join("\n")}\n`;
  await writing(draft, writeFile(join(draft, MANIFEST_FILE), list));
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
