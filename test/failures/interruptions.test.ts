/** SIGINT, SIGTERM and a closed terminal in every phase. test/cli/run.test.ts tests SIGINT, SIGTERM and SIGKILL in a run. */
import { execFile, spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endsWithParent } from "../../lib/end-with-parent.ts";
import { readRecords } from "../../harness/results/records.ts";
import { connect, select, selectOne } from "../../lib/connection.ts";
import { targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import { BIN } from "../support/bench.ts";
import { openTestSchema } from "../support/database.ts";
import { isFull, variants } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";
import { embeddedObstacle } from "../support/instances.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { hasTerminals } from "../support/terminal.ts";
import { freezingAt } from "./fake-servers.ts";
import {
  expectNoProcess,
  expectNothingLeft,
  expectOneError,
  loadArguments,
  newMark,
  resumeArguments,
  runArguments,
  startMarked,
  untilSaid,
  type MarkedBench,
} from "./shared.ts";

const plugIn = (name: string): string => fileURLToPath(new URL(`../plugins/${name}.ts`, import.meta.url));

/** How the test stops bench. A closed terminal also closes bench's output. */
const WAYS = ["SIGINT", "SIGTERM", "a closed terminal"] as const;
type Way = (typeof WAYS)[number];

function stop(bench: MarkedBench, way: Way): void {
  if (way !== "a closed terminal") return void bench.process.kill(way);
  bench.process.stdout?.destroy();
  bench.process.stderr?.destroy();
  bench.process.kill("SIGHUP");
}

/** @param next the required text about resuming, if bench can still print */
async function expectInterrupted(bench: MarkedBench, way: Way, next = /run the same command to start again/): Promise<void> {
  if (way !== "a closed terminal") return void (await expectOneError(bench, { error: "INTERRUPTED", said: next }));
  expect((await bench.finished).code).toBe(130);
  await expectNoProcess(bench);
}

describe.skipIf((await embeddedObstacle()) !== null)("during a download from a mirror that sends no response", () => {
  let home: string;
  let mirror: ReturnType<typeof createServer>;
  let requested = 0;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "bad-home-"));
    mirror = createServer((socket) => {
      requested += 1;
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => void mirror.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    mirror.close();
    await rm(home, { recursive: true });
  });
  const environment = () => ({
    ORM_SHOOTOUT_HOME: home,
    ORM_SHOOTOUT_MIRROR: `http://127.0.0.1:${(mirror.address() as AddressInfo).port}/debian`,
  });
  const start = (...args: string[]) => startMarked([...args, "--db", "embedded"], { cwd: home, env: environment() });
  const locks = async () => (await readdir(home, { recursive: true })).filter((name) => /lock|tmp-/.test(name));

  const DOWNLOADING = [
    ["run", "SIGINT", ["run", "naive", "--out", "out"]],
    ["load", "a closed terminal", ["load"]],
    ["db up", "SIGTERM", ["db", "up"]],
    ["trace", "SIGTERM", ["trace", "naive/mysql2"]],
  ] as const;
  it.each(variants(DOWNLOADING, ([verb]) => verb === "run"))(
    "bench %s stops at once, together with apt, on %s",
    async (_verb, way, args) => {
      const before = requested;
      const bench = start(...args);
      await expect.poll(() => requested, { interval: 20 }).toBeGreaterThan(before);
      stop(bench, way);
      await expectInterrupted(bench, way);
      expect(await locks()).toEqual([]);
    },
  );

  it.runIf(isFull)("a bench that waits for another bench's download stops, and the other bench continues", async () => {
    const before = requested;
    const first = start("load");
    await expect.poll(() => requested, { interval: 20 }).toBeGreaterThan(before);
    const second = start("load");
    await untilSaid(second, /; waiting/);
    stop(second, "SIGTERM");
    await expectInterrupted(second, "SIGTERM");
    expect(first.process.exitCode).toBeNull();
    stop(first, "SIGINT");
    await expectInterrupted(first, "SIGINT");
    expect(await locks()).toEqual([]);
  });
});

async function loadingSessions({ schema, ...server }: ConnectionTarget): Promise<number> {
  const connection = await connect({ ...server, schema }, { withSchema: false });
  try {
    const sql = "SELECT id FROM information_schema.processlist WHERE db = ? AND info LIKE 'LOAD DATA%'";
    return (await select(connection, sql, [schema])).length;
  } finally {
    await connection.end();
  }
}

/** This load takes half a minute. */
const ORDERS = 5_000_000;

async function loadedOrders(target: ConnectionTarget): Promise<number> {
  const connection = await connect(target);
  try {
    return (await selectOne<{ loaded: number }>(connection, "SELECT COUNT(*) AS loaded FROM orders", [])).loaded;
  } finally {
    await connection.end();
  }
}

describe("during a load", () => {
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  beforeAll(async () => {
    schema = await openTestSchema("bad_load");
  });
  afterAll(() => schema[Symbol.asyncDispose]());

  it.each(variants(WAYS, (way) => way === "SIGTERM"))(
    "bench also stops its statements in the server, and requests the same command for a restart: %s",
    async (way) => {
      const bench = startMarked(loadArguments(schema.target, "--users", "30000", "--orders", String(ORDERS)));
      await expect.poll(() => loadingSessions(schema.target), { interval: 50 }).toBeGreaterThan(2);
      stop(bench, way);
      await expectInterrupted(bench, way);
      await expectNothingLeft(schema.target);
      // A bench that waits for the end of its statements leaves nothing either, a minute later.
      expect(await loadedOrders(schema.target)).toBeLessThan(ORDERS);
    },
  );

  it("the interruption lets the next load detect the unfinished data", async () => {
    const again = await benchInProcess(loadArguments(schema.target, "--users", "50", "--orders", "500"));
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/loaded +810 rows/) });
  });

  it.runIf(isFull)("a signal stops a load that waits for another bench", async () => {
    const first = startMarked(loadArguments(schema.target, "--users", "30000", "--orders", "5e6"));
    await expect.poll(() => loadingSessions(schema.target), { interval: 50 }).toBeGreaterThan(2);
    const second = startMarked(loadArguments(schema.target, "--users", "51", "--orders", "500"));
    await untilSaid(second, /another bench works in .*: waiting for its end/);
    stop(second, "SIGINT");
    await expectInterrupted(second, "SIGINT");
    stop(first, "SIGINT");
    await expectInterrupted(first, "SIGINT");
    await expectNothingLeft(schema.target);
  });
});

/** A short sample, then a sample of one second. */
const TWO_SAMPLES = ["chunked", "naive", "--rounds", "1", "--order-seed", "1"];

describe("during a run", () => {
  let runs: TestRuns;
  beforeAll(async () => {
    runs = await openTestRuns("bad_interrupt");
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  it.runIf(isFull)(
    "with workers a closed terminal keeps and renders the finished samples, and --resume continues the run",
    async () => {
      const out = join(runs.folder, "closed");
      const bench = startMarked(
        runArguments(runs.target, ...TWO_SAMPLES, "--workers", "3", "--out", out, "--format", "table,md"),
      );
      await untilSaid(bench, /verified/);
      stop(bench, "a closed terminal");
      await expectInterrupted(bench, "a closed terminal");
      await expectNothingLeft(runs.target);
      const before = await readFile(join(out, "records.jsonl"), "utf8");
      expect((await readdir(out)).toSorted()).toEqual(["records.jsonl", "summary.md"]);
      expect((await readRecords(join(out, "records.jsonl"))).end?.how).toBe("interrupted");

      const resumed = startMarked(resumeArguments(runs.target, out));
      expect(await resumed.finished).toMatchObject({ code: 0, stdout: expect.stringContaining("2 of 2 samples verified") });
      expect((await readFile(join(out, "records.jsonl"), "utf8")).startsWith(before)).toBe(true);
    },
  );

  // test/cli/run.test.ts also kills a run
  it.runIf(isFull)("kill -9 leaves no process, and --resume continues the run", async () => {
    const out = join(runs.folder, "killed");
    const bench = startMarked(runArguments(runs.target, ...TWO_SAMPLES, "--out", out));
    await untilSaid(bench, /verified/);
    bench.process.kill("SIGKILL");
    await expectNoProcess(bench);
    const before = await readFile(join(out, "records.jsonl"), "utf8");
    const resumed = startMarked(resumeArguments(runs.target, out));
    expect(await resumed.finished).toMatchObject({ code: 0, stdout: expect.stringContaining("2 of 2 samples verified") });
    expect((await readFile(join(out, "records.jsonl"), "utf8")).startsWith(before)).toBe(true);
    await expectNothingLeft(runs.target);
  });

  it.skipIf(!endsWithParent())("kill -9 of the harness also ends a strategy that computes without a pause", async () => {
    const out = join(runs.folder, "computing");
    const bench = startMarked(["--verbose", ...runArguments(runs.target, plugIn("never-returns"), "--out", out)]);
    await untilSaid(bench, /: run$/m);
    const computing = async (): Promise<boolean> => {
      const child = (await bench.processes()).find((command) => !command.includes(BIN));
      const stat = child === undefined ? "" : await readFile(`/proc/${child.split(" ")[0]}/stat`, "utf8");
      return /\) R /.test(stat);
    };
    await expect.poll(computing, { interval: 20 }).toBe(true);
    bench.process.kill("SIGKILL");
    await expectNoProcess(bench);
  });

  it.skipIf(!hasTerminals)("a closed window keeps the finished samples and leaves no process", async () => {
    const out = join(runs.folder, "window");
    const { environment, processes } = newMark();
    const command = [process.execPath, BIN, ...runArguments(runs.target, ...TWO_SAMPLES, "--out", out)];
    const quoted = command.map((word) => `'${word}'`).join(" ");
    const window = spawn("script", ["--quiet", "--command", quoted, "/dev/null"], {
      stdio: ["pipe", "ignore", "ignore"],
      env: { ...process.env, ...environment, TERM: "xterm" },
    });
    const records = () => readFile(join(out, "records.jsonl"), "utf8").catch(() => "");
    await expect.poll(records, { interval: 20 }).toMatch(/"type":"sample"/);
    // the kernel sends SIGHUP when no process holds the other side of the terminal
    window.kill("SIGKILL");
    await expectNoProcess({ processes });
    expect(await readRecords(join(out, "records.jsonl"))).toMatchObject({
      samples: [{ status: "ok" }],
      end: { how: "interrupted" },
    });
    await expectNothingLeft(runs.target);
  });

  it.runIf(isFull)("of a strategy that never returns, SIGINT causes an error that names the command to resume", async () => {
    const out = join(runs.folder, "hangs");
    const bench = startMarked([
      "--verbose",
      ...runArguments(runs.target, plugIn("never-returns"), "--workers", "3", "--out", out),
    ]);
    await untilSaid(bench, /: run$/m);
    stop(bench, "SIGINT");
    await expectInterrupted(bench, "SIGINT", /bench run --resume \S*hangs \S*never-returns\.ts --db mysql:/);
    await expectNothingLeft(runs.target);
    expect((await readRecords(join(out, "records.jsonl"))).end?.how).toBe("interrupted");
  });

  it.runIf(isFull)("on a server that sends no response, the second Ctrl-C ends bench at once", async () => {
    await using frozen = await freezingAt(runs.target, "TRUNCATE TABLE");
    const out = join(runs.folder, "frozen");
    const bench = startMarked(runArguments(frozen.target, "chunked", "--rounds", "1", "--out", out));
    await frozen.happened;
    stop(bench, "SIGINT");
    await untilSaid(bench, /stopping; interrupt again to stop at once/);
    // a second signal within 0.5 s counts as the same one
    await expect.poll(() => stop(bench, "SIGINT") ?? bench.process.exitCode, { interval: 100 }).toBe(130);
    await expectNoProcess(bench);
    expect(await readRecords(join(out, "records.jsonl"))).toMatchObject({ samples: [], end: null });
    // the next run removes the leftovers
    expect((await startMarked(resumeArguments(runs.target, out)).finished).code).toBe(0);
    await expectNothingLeft(runs.target);
  });

  it("or a trace, SIGTERM stops bench and leaves no process, session or lock", async () => {
    const bench = startMarked(["trace", plugIn("hangs"), "--orm", "mysql2", "--db", targetUrl(runs.target)]);
    // the measuring process; an earlier one only describes the plug-in
    await expect.poll(async () => (await bench.processes()).some((command) => command.includes("--expose-gc"))).toBe(true);
    stop(bench, "SIGTERM");
    await expectInterrupted(bench, "SIGTERM");
    await expectNothingLeft(runs.target);
  });
});

describe("during a report", () => {
  const cell = recordedCell({ strategy: "chunked", orm: "prisma" });
  const { run, samples } = recordedRun([cell], [recordedSample(cell, 1)]);
  const text = [run, ...samples, ...samples].map((record) => `${JSON.stringify(record)}\n`).join("");

  it.each(variants(WAYS, (way) => way === "SIGINT"))(
    "from a slow disk, the earlier rendered files stay unchanged after %s",
    async (way) => {
      const folder = await mkdtemp(join(tmpdir(), "bad-report-"));
      try {
        await writeFile(join(folder, "summary.md"), "rendered before");
        await promisify(execFile)("mkfifo", [join(folder, "records.jsonl")]);
        const bench = startMarked(["report", folder, "--out", folder]);
        // opens when bench reads the other side
        const slow = await open(join(folder, "records.jsonl"), "w");
        await slow.write(text.slice(0, 500));
        stop(bench, way);
        if (way === "a closed terminal") await expect.poll(() => bench.process.exitCode ?? bench.process.signalCode).toBeNull();
        else await untilSaid(bench, /stopping/);
        await slow.write(text.slice(500));
        await slow.close();
        await expectInterrupted(bench, way);
        expect((await readdir(folder)).toSorted()).toEqual(["records.jsonl", "summary.md"]);
        expect(await readFile(join(folder, "summary.md"), "utf8")).toBe("rendered before");
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});
