/** Extracts packages of Debian or Ubuntu into a private folder, and finds the loader and the libraries there. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { BenchError } from "../../../lib/errors.ts";
import { writing } from "../../../lib/file-errors.ts";
import { run, runPiped } from "../../../lib/run-program.ts";

const MANIFEST_FILE = "MANIFEST.sha256";
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

/** Runs a program of the folder: the libc of the system can be too old for it. */
export interface Loader {
  readonly loader: string;
  /** the folder with the loader */
  readonly libraries: string;
  readonly libraryPath: string;
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

/** Extracts the packages into a folder, with all libraries in one place. */
export async function extractAll(archives: readonly string[], root: string): Promise<void> {
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

/** The names in a folder; none without the folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

/**
 * The loader below a folder with extracted packages; null without one.
 * @param more folders with libraries, below usr/lib
 */
export async function loaderIn(root: string, more: readonly string[] = []): Promise<Loader | null> {
  const usrLib = join(root, "usr/lib");
  const triplet = (await namesIn(usrLib)).find((name) => name.includes("-linux-gnu"));
  if (triplet === undefined) return null;
  const libraries = join(usrLib, triplet);
  const loader = (await namesIn(libraries)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
  if (loader === undefined) return null;
  const libraryPath = [libraries, usrLib, ...more.map((folder) => join(usrLib, folder))].join(":");
  return { loader: join(libraries, loader), libraries, libraryPath };
}

/** Removes the libraries that none of the programs and plug-ins loads. */
export async function dropUnusedLibraries(place: Loader, programs: readonly string[]): Promise<void> {
  const used = new Set([await realpath(place.loader)]);
  for (const program of programs) {
    const { stdout } = await run(place.loader, ["--library-path", place.libraryPath, "--list", program]);
    for (const [, path] of stdout.matchAll(/=> (\/.+) \(0x/g)) if (path !== undefined) used.add(await realpath(path));
  }
  for (const name of await namesIn(place.libraries)) {
    const path = join(place.libraries, name);
    if (!used.has(await realpath(path).catch(() => path))) await rm(path, { recursive: true, force: true });
  }
}

/** Writes the list of the packages with their sha256. */
export async function writeManifest(archives: readonly string[], root: string): Promise<void> {
  const lines = await Promise.all(archives.map(async (path) => `${await sha256OfFile(path)}  ${basename(path)}`));
  const list = `${lines.toSorted((a, b) => a.slice(66).localeCompare(b.slice(66))).join("\n")}\n`;
  await writing(root, writeFile(join(root, MANIFEST_FILE), list));
}

/** @returns the sha256 of the list of packages; null without a list */
export async function readManifest(root: string): Promise<string | null> {
  const list = await readFile(join(root, MANIFEST_FILE)).catch(() => null);
  return list === null ? null : createHash("sha256").update(list).digest("hex");
}
