/** A real MariaDB from Debian's packages: downloaded once into the cache of the servers, and run privately on fresh data. */
import { createReadStream } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { draftPath, removeDrafts } from "../../harness/database/data-folder.ts";
import { distributionOf, downloadPackages, MYSQL } from "../../harness/database/embedded/apt.ts";
import { serversFolder } from "../../harness/database/home.ts";
import { acquireLock } from "../../harness/database/lock.ts";
import { run } from "../../lib/run-program.ts";
import { messageOf } from "../../lib/errors.ts";
import { silentLog } from "../../lib/log.ts";
import { makeDataFolder } from "./memory.ts";
import { startPlainServer, type PlainServer } from "./servers.ts";

/** 10.11 LTS: Debian's sid, the source of MySQL, has a newer version. */
const SUITE = "bookworm";
const MARIADB = { ...MYSQL, title: "MariaDB", packageName: () => Promise.resolve("mariadb-server-core") };

interface MariadbBinary {
  readonly command: string;
  /** before everything else */
  readonly leading: readonly string[];
  readonly share: string;
  /** an initialised data folder; each test copies it */
  readonly template: string;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** The loader and libraries of the prefix: the libraries of the machine may not fit. */
async function binaryIn(root: string): Promise<MariadbBinary> {
  const [triplet = ""] = (await readdir(join(root, "lib"))).filter((name) => name.includes("-linux-gnu"));
  const libraries = join(root, "lib", triplet);
  const [loader = ""] = (await readdir(libraries)).filter((name) => /^ld-linux.*\.so\.\d+$/.test(name));
  const share = join(root, "usr/share/mysql");
  const asRoot = process.getuid?.() === 0 ? ["--user=root"] : [];
  const path = [libraries, join(root, "usr/lib", triplet)].join(":");
  return {
    command: join(libraries, loader),
    leading: [
      "--library-path",
      path,
      join(root, "usr/sbin/mariadbd"),
      "--no-defaults",
      ...asRoot,
      `--basedir=${join(root, "usr")}`,
      `--lc-messages-dir=${share}`,
      `--character-sets-dir=${join(share, "charsets")}`,
    ],
    share,
    template: join(root, "template"),
  };
}

/** Does the work of mariadb-install-db without its shell script and the programs that the script needs. */
async function initialise({ command, leading, share }: MariadbBinary, data: string): Promise<void> {
  await mkdir(data, { recursive: true });
  const child = spawn(command, [...leading, `--datadir=${data}`, "--bootstrap", "--innodb-log-file-size=10M"], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const exited = once(child, "exit");
  const scripts = ["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"];
  async function* sql(): AsyncGenerator<Buffer | string> {
    yield "CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n";
    for (const script of scripts) yield* createReadStream(join(share, script));
  }
  await pipeline(Readable.from(sql()), child.stdin);
  const [exitCode] = (await exited) as [number | null];
  if (exitCode !== 0) throw new Error(`MariaDB could not be initialised:\n${said.split("\n").slice(-10).join("\n")}`);
}

async function downloadMariadb(root: string): Promise<void> {
  const download = join(serversFolder(), "mariadb-download");
  await Promise.all([removeDrafts(root), removeDrafts(download)]);
  const [draft, folder] = [draftPath(root), draftPath(download)];
  await mkdir(folder, { recursive: true });
  try {
    const architecture = (await run("dpkg", ["--print-architecture"])).stdout.trim();
    const osRelease = await readFile("/etc/os-release", "utf8").catch(() => "");
    const found = distributionOf(osRelease, architecture);
    if (found?.name !== "Debian") throw new Error("only Debian's packages were tried");
    const distribution = { ...found, suites: [SUITE] };
    for (const archive of await downloadPackages(MARIADB, folder, { distribution, architecture }, { log: silentLog })) {
      const { exitCode, stderr } = await run("dpkg-deb", ["--extract", archive, draft]);
      if (exitCode !== 0) throw new Error(`${archive}: ${stderr}`);
    }
    const binary = await binaryIn(draft);
    await initialise(binary, binary.template);
    await rename(draft, root);
  } finally {
    await Promise.all([draft, folder].map((path) => rm(path, { recursive: true, force: true })));
  }
}

async function ensureMariadb(): Promise<MariadbBinary> {
  const root = join(serversFolder(), "mariadb");
  await mkdir(serversFolder(), { recursive: true, mode: 0o700 });
  await using _lock = await acquireLock(join(serversFolder(), "mariadb.lock"), { log: silentLog, purpose: "fetching MariaDB" });
  if (!(await exists(root))) await downloadMariadb(root);
  return binaryIn(root);
}

/** The reason why this machine has no MariaDB to test, or null. The first call downloads MariaDB in about 20 seconds. */
export async function mariadbObstacle(): Promise<string | null> {
  if (process.platform !== "linux") return `MariaDB comes from Debian's packages, and this is ${process.platform}`;
  return await ensureMariadb().then(
    () => null,
    (error: unknown) => messageOf(error),
  );
}

/** @param settings as arguments */
export async function startMariadb(settings: readonly string[] = []): Promise<PlainServer> {
  const { command, leading, template } = await ensureMariadb();
  const folder = await makeDataFolder("mariadb-");
  const data = join(folder, "data");
  await cp(template, data, { recursive: true });
  const own = ["--skip-name-resolve", "--character-set-server=utf8mb4", "--max-connections=300", "--max-allowed-packet=64M"];
  return startPlainServer(command, [...leading, `--datadir=${data}`, ...own, ...settings], folder);
}
