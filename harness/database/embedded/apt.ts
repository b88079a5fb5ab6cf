/** Downloads packages of Debian or Ubuntu with apt, without root and without changes to the system's apt state. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BenchError } from "../../../lib/errors.ts";
import { writing } from "../../../lib/file-errors.ts";
import type { Log, Progress } from "../../../lib/log.ts";
import { lastLines, run, type RunOptions } from "../../../lib/run-program.ts";

/** A system whose packages bench can unpack. */
export interface Platform {
  readonly distribution: Distribution;
  /** name as printed by dpkg */
  readonly architecture: string;
}

export interface Distribution {
  readonly name: "Debian" | "Ubuntu";
  readonly suites: readonly string[];
  readonly components: string;
  readonly keyring: string;
  /** matches the end of a mirror's path */
  readonly mirrorPath: RegExp;
}

/** A program that bench runs from packages which it unpacks and does not install. */
export interface PackagedProgram {
  /** for messages */
  readonly title: string;
  /** @param folder with the configuration of apt, which has read the lists */
  packageName(folder: string, distribution: Distribution): Promise<string>;
  /** dependencies that the program does not use; apt takes them for installed and does not download them */
  readonly unused: readonly string[];
}

const SERVER_PACKAGE = "mysql-server-core";

export const MYSQL: PackagedProgram = {
  title: "MySQL",
  packageName: serverPackage,
  // only one script uses perl, and bench never runs it; without perl, bench saves 9 MB of downloads and 60 MB on disk
  unused: ["perl"],
};

const KEYRING_FOLDER = "/usr/share/keyrings";

/** @param architecture name as printed by dpkg */
export function distributionOf(osRelease: string, architecture: string): Distribution | null {
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(osRelease)?.[1] ?? "";
  const family = `${field("ID")} ${field("ID_LIKE")}`.split(" ");
  if (family.includes("ubuntu")) {
    const codename = field("UBUNTU_CODENAME") || field("VERSION_CODENAME");
    const isPort = architecture !== "amd64" && architecture !== "i386";
    return {
      name: "Ubuntu",
      suites: [codename, `${codename}-updates`, `${codename}-security`],
      components: "main",
      keyring: join(KEYRING_FOLDER, "ubuntu-archive-keyring.gpg"),
      mirrorPath: isPort ? /\/ubuntu-ports\/?$/ : /\/ubuntu(\.list)?\/?$/,
    };
  }
  if (!family.includes("debian")) return null;
  return {
    name: "Debian",
    // the only suite of Debian with MySQL; the download includes its libc and loader, so those of the system do not matter
    suites: ["sid"],
    components: "main",
    keyring: join(KEYRING_FOLDER, "debian-archive-keyring.gpg"),
    mirrorPath: /\/debian(\.list)?\/?$/,
  };
}

/** The mirror that a word of the sources names, or those of the list that it names: Ubuntu runners of GitHub have `mirror+file:/etc/apt/apt-mirrors.txt`. */
export async function mirrorsIn(word: string, { mirrorPath }: Distribution): Promise<string[]> {
  const isMirror = (text: string): boolean => /^[a-z+]+:\//.test(text) && mirrorPath.test(text);
  if (isMirror(word)) return [word.replace(/\/$/, "")];
  const [, list] = /^mirror\+file:(\/.+)$/.exec(word) ?? [];
  const text = list === undefined ? "" : await readFile(list, "utf8").catch(() => "");
  return text
    .split(/\s+/)
    .filter(isMirror)
    .map((found) => found.replace(/\/$/, ""));
}

/** `ORM_SHOOTOUT_MIRROR`, else the mirrors in this machine's apt sources, in their order. */
async function mirrors(distribution: Distribution, title: string): Promise<string[]> {
  const chosen = process.env["ORM_SHOOTOUT_MIRROR"];
  if (chosen !== undefined && chosen !== "") return [chosen];
  const parts = await readdir("/etc/apt/sources.list.d").catch(() => []);
  const files = ["/etc/apt/sources.list", ...parts.map((file) => join("/etc/apt/sources.list.d", file))];
  const found: string[] = [];
  for (const file of files) {
    const text = await readFile(file, "utf8").catch(() => "");
    const lines = text.split("\n").filter((line) => !line.trim().startsWith("#"));
    for (const word of lines.join("\n").split(/\s+/)) found.push(...(await mirrorsIn(word, distribution)));
  }
  if (found.length > 0) return [...new Set(found)];
  throw new BenchError(
    "DOWNLOAD_FAILED",
    `cannot download ${title}: the apt sources of this machine contain no mirror of ${distribution.name}`,
    "set ORM_SHOOTOUT_MIRROR to the URL of a mirror",
  );
}

/** An installed package in the state of apt. */
const placeholder = (name: string, architecture: string): string =>
  [
    `Package: ${name}`,
    "Status: install ok installed",
    "Maintainer: none",
    `Architecture: ${architecture}`,
    "Multi-Arch: allowed",
    "Version: 99",
    "Description: stands for the real one",
    "",
    "",
  ].join("\n");

async function writeConfiguration(folder: string, architecture: string, { unused }: PackagedProgram): Promise<void> {
  await mkdir(join(folder, "lists/partial"), { recursive: true });
  await mkdir(join(folder, "cache/archives/partial"), { recursive: true });
  await writeFile(join(folder, "status"), unused.map((name) => placeholder(name, architecture)).join(""));
  const quoted = (path: string): string => JSON.stringify(join(folder, path));
  await writeFile(
    join(folder, "apt.conf"),
    [
      // remove hooks of the system: in Docker images they delete apt's caches
      "#clear APT::Update;",
      "#clear DPkg;",
      `Dir::State ${quoted("")}; Dir::State::lists ${quoted("lists")}; Dir::State::status ${quoted("status")};`,
      `Dir::Cache ${quoted("cache")}; Dir::Cache::archives ${quoted("cache/archives")};`,
      `Dir::Etc::sourcelist ${quoted("sources.list")}; Dir::Etc::sourceparts "/dev/null";`,
      `Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null"; Dir::Log ${quoted("")};`,
      'APT::Install-Recommends "false"; APT::Install-Suggests "false"; APT::Get::AllowUnauthenticated "false";',
      // as root, apt would download as the user _apt, who cannot enter a private folder
      'APT::Sandbox::User "";',
      'Acquire::Languages "none"; Acquire::GzipIndexes "false"; Acquire::Retries "3"; Acquire::http::Timeout "30";',
      'pkgCacheGen::Essential "none";',
      "",
    ].join("\n"),
  );
}

async function apt(
  folder: string,
  program: "apt-get" | "apt-cache",
  args: readonly string[],
  options: Pick<RunOptions, "onOutput" | "signal"> = {},
) {
  return await run(program, ["-c", join(folder, "apt.conf"), ...args], {
    env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
    ...options,
  });
}

async function updateFromFirstMirror(
  folder: string,
  distribution: Distribution,
  architecture: string,
  { title, log, signal }: DownloadOptions & { readonly title: string },
): Promise<void> {
  const failures: string[] = [];
  for (const mirror of await mirrors(distribution, title)) {
    const options = `signed-by=${distribution.keyring} arch=${architecture} target=Packages pdiffs=no`;
    const lines = distribution.suites.map((suite) => `deb [${options}] ${mirror} ${suite} ${distribution.components}`);
    await writing(folder, writeFile(join(folder, "sources.list"), `${lines.join("\n")}\n`));
    log.detail(`reading the package list of ${distribution.name} ${distribution.suites.join(", ")} from ${mirror}`);
    const { exitCode, stdout, stderr } = await apt(folder, "apt-get", ["-q", "--error-on=any", "update"], {
      ...(signal && { signal }),
    });
    signal?.throwIfAborted();
    if (exitCode === 0) return;
    failures.push(`${mirror}: ${lastLines(stderr || stdout)}`);
    log.detail(`skipped ${failures.at(-1)}`);
  }
  throw new BenchError(
    "DOWNLOAD_FAILED",
    `apt-get update failed for every mirror of ${distribution.name}:\n${failures.join("\n")}`,
    "check the network and the proxy in apt's configuration, then run the same command again",
  );
}

/** Debian has one server package. Ubuntu has one per series; bench takes the newest. */
async function serverPackage(folder: string, distribution: Distribution): Promise<string> {
  if (distribution.name === "Debian") return SERVER_PACKAGE;
  const { stdout } = await apt(folder, "apt-cache", ["pkgnames", SERVER_PACKAGE]);
  const names = stdout.split("\n").filter((name) => /^mysql-server-core(-[\d.]+)?$/.test(name));
  const newest = names.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }))[0];
  if (newest !== undefined) return newest;
  throw new BenchError(
    "DOWNLOAD_FAILED",
    `cannot download MySQL: ${distribution.suites[0]} has no package ${SERVER_PACKAGE}`,
    "use Docker or `--db mysql://...`",
  );
}

/** Updates a progress bar from the output of `apt-get install`. */
export function createDownloadMeter(log: Log, title: string): { read(text: string): void; stop(): void } {
  const units: Record<string, number> = { B: 1e-6, kB: 1e-3, MB: 1, GB: 1e3 };
  const megabytes = (amount: string, unit: string): number => Number(amount.replaceAll(",", "")) * (units[unit] ?? 0);
  let progress: Progress | undefined;
  let done = 0;
  let rest = "";
  return {
    read(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const need = /^Need to get ([\d.,]+) ?(\w+)/.exec(line);
        if (need?.[1] !== undefined && need[2] !== undefined)
          progress = log.progress(`Downloading ${title}`, Math.ceil(megabytes(need[1], need[2])), "MB");
        const got = /^Get:.*\[([\d.,]+) ?(\w+)\]$/.exec(line);
        if (got?.[1] !== undefined && got[2] !== undefined) {
          done += megabytes(got[1], got[2]);
          progress?.update(Math.floor(done));
        }
      }
    },
    stop: () => progress?.stop(),
  };
}

interface DownloadOptions {
  readonly log: Log;
  /** aborts the download */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads a program and its dependencies; apt checks signatures with the distribution's keyring.
 * @param folder exclusive to this download
 * @returns paths of the packages
 * @throws BenchError DOWNLOAD_FAILED
 */
export async function downloadPackages(
  program: PackagedProgram,
  folder: string,
  { distribution, architecture }: Platform,
  { log, signal }: DownloadOptions,
): Promise<string[]> {
  const { title } = program;
  await writing(folder, writeConfiguration(folder, architecture, program));
  await updateFromFirstMirror(folder, distribution, architecture, { title, log, signal });
  const name = await program.packageName(folder, distribution);
  const meter = createDownloadMeter(log, title);
  const { exitCode, stderr } = await apt(folder, "apt-get", ["-q", "-y", "--download-only", "install", name], {
    onOutput: (text) => meter.read(text),
    ...(signal && { signal }),
  });
  meter.stop();
  signal?.throwIfAborted();
  if (exitCode !== 0)
    throw new BenchError(
      "DOWNLOAD_FAILED",
      `cannot download ${name}:\n${lastLines(stderr)}`,
      "check network and disk space, then run the same command again",
    );
  const archives = join(folder, "cache/archives");
  return (await readdir(archives)).filter((file) => file.endsWith(".deb")).map((file) => join(archives, file));
}
