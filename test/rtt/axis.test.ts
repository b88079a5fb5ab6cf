/** Added round-trip time as an axis of whole runs. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RECORDS_FILE, type RunResults, type SampleRecord } from "../../harness/results/records.ts";
import { reporter as csv } from "../../harness/reporters/csv.ts";
import { reporter as markdown } from "../../harness/reporters/markdown.ts";
import { rttTable } from "../../harness/reporters/parts/rtt.ts";
import { reporter as table } from "../../harness/reporters/table.ts";
import { readInterruptedRun } from "../../harness/run/resume.ts";
import { isFull } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { appendFile, copyFile, mkdtemp, readFile, writeFile } from "node:fs/promises";

const DATA = { users: 40, orders: 1_400, dormantUsers: 0, dataSeed: 1 };

describe("a run through latency proxies", () => {
  let runs: TestRuns;
  let results: RunResults;
  beforeAll(async () => {
    runs = await openTestRuns("rtt");
    const cells = { keys: ["identity"], chunkUsers: [20] };
    results = await runs.run(
      [
        {
          ...cells,
          strategies: ["chunked"],
          orms: ["mysql2"],
          addedRttsMs: isFull ? [null, 0, 2] : [0, 2],
          workers: isFull ? [1, 2] : [1],
        },
        { ...cells, strategies: ["chunked"], orms: ["mysql2"], addedRttsMs: [2], workers: [2] },
        { ...cells, strategies: ["driver-batch"], orms: ["mariadb"], addedRttsMs: [2] },
      ],
      { dataset: DATA },
    );
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  const sample = (id: string): SampleRecord => {
    const found = results.samples.find(({ cell }) => cell.id === id);
    if (found === undefined) throw new Error(`no sample of ${id}`);
    return found;
  };

  it("verifies every cell, and names the axis in its id", () => {
    expect(results.samples.map(({ status, reason }) => reason ?? status)).toEqual(results.samples.map(() => "ok"));
    expect(sample("chunked/mysql2/identity/chunk=20/rtt=2").cell.addedRttMs).toBe(2);
  });

  it("counts the same round trips at every delay, one for each statement and each prepare", () => {
    const [none, delayed] = [sample("chunked/mysql2/identity/chunk=20/rtt=0"), sample("chunked/mysql2/identity/chunk=20/rtt=2")];
    expect(delayed.roundTrips).toBe(none.roundTrips);
    const { statements, costs } = delayed;
    expect(delayed.roundTrips).toBe((statements ?? 0) + (costs?.prepares ?? Number.NaN));
    // one worker waits for each round trip, and its reads and writes share few connections
    expect(delayed.roundTripChain).toBeLessThanOrEqual(delayed.roundTrips ?? 0);
    expect(delayed.roundTripChain).toBeGreaterThan(1);
  });

  it("counts fewer round trips than statements when a batch does not wait for answers", () => {
    const { roundTrips, statements } = sample("driver-batch/mariadb/identity/chunk=20/rtt=2");
    expect(statements).toBeGreaterThan(200);
    expect(roundTrips).toBeLessThan((statements ?? 0) / 2);
  });

  // test/run/matrix.test.ts checks it for each library
  it.runIf(isFull)("records no round trips when no proxy is between client and server", () => {
    expect(sample("chunked/mysql2/identity/chunk=20")).toMatchObject({ roundTrips: null, roundTripChain: null });
  });

  it("routes every worker through the proxy", () => {
    const { roundTrips, roundTripChain } = sample("chunked/mysql2/identity/chunk=20/workers=2/rtt=2");
    expect(roundTrips).toBeGreaterThan(sample("chunked/mysql2/identity/chunk=20/rtt=2").roundTrips ?? Number.NaN);
    expect(roundTripChain).toBeLessThan((roundTrips ?? 0) * 0.75);
  });

  it("records the delay that the proxies really add", () => {
    const { rtt } = results.run;
    expect(rtt.map(({ requestedMs }) => requestedMs)).toEqual([0, 2]);
    // On a busy machine the round trip without a proxy may be as long. Through the proxy, none is shorter than its delay.
    expect(rtt[1]?.roundTripMs).toBeGreaterThan(1.9);
  });

  it("resumes with the same axis", async () => {
    const folder = await mkdtemp(join(runs.folder, "resumed-"));
    const { run, samples } = results;
    await writeFile(join(folder, RECORDS_FILE), `${JSON.stringify({ ...run, rounds: 2 })}\n`);
    for (const taken of samples) await appendFile(join(folder, RECORDS_FILE), `${JSON.stringify(taken)}\n`);
    const { cells } = await readInterruptedRun(folder, { strategies: [], orms: [] });
    expect(cells.map(({ cell }) => cell.id)).toEqual(run.cells.map(({ id }) => id));
    await copyFile(join(folder, RECORDS_FILE), join(folder, "copy.jsonl"));
    expect(await readFile(join(folder, "copy.jsonl"), "utf8")).toContain('"addedRttMs":2');
  });
});

describe("the table over round-trip times", () => {
  const proxied = (strategy: string, addedRttMs: number, wallMs: number) => {
    const base = recordedCell({ strategy, orm: "mysql2", addedRttMs });
    const cell = { ...base, id: `${base.id}/rtt=${addedRttMs}` };
    return { cell, sample: recordedSample(cell, 1, { wallMs, roundTrips: 120, roundTripChain: 100 }) };
  };
  const rtt = [0, 1, 5].map((requestedMs) => ({ requestedMs, roundTripMs: requestedMs + 0.2, addedMs: requestedMs }));
  const runOf = (times: Record<string, readonly number[]>): RunResults => {
    const all = Object.entries(times).flatMap(([strategy, walls]) =>
      walls.map((wallMs, index) => proxied(strategy, rtt[index]?.requestedMs ?? 0, wallMs)),
    );
    return recordedRun(
      all.map(({ cell }) => cell),
      all.map(({ sample }) => sample),
      { rtt },
    );
  };
  /** 1,000 ms + 100 x RTT, and 2,000 ms + 2 x RTT: they cross at 10.2 ms */
  const straight = runOf({ naive: [1_020, 1_120, 1_520], chunked: [2_000.4, 2_002.4, 2_010.4] });

  it("shows the estimated time at other round-trip times, and the point where another technique becomes the fastest", async () => {
    const shown = rttTable(straight);
    expect(shown?.rows).toEqual([
      [
        "naive / mysql2 / identity",
        "120",
        "100",
        "1.00 s + 100 x RTT",
        "0.0 %",
        "1.05 s",
        "1.10 s",
        "1.20 s",
        "1.50 s",
        "3.00 s",
      ],
      [
        "chunked / mysql2 / identity",
        "120",
        "100",
        "2.00 s + 2 x RTT",
        "0.0 %",
        "2.00 s",
        "2.00 s",
        "2.00 s",
        "2.01 s",
        "2.04 s",
      ],
    ]);
    expect(shown?.notes.join("\n")).toMatch(/naive \/ mysql2 \/ identity up to 10 ms; chunked \/ mysql2 \/ identity beyond/);
    const page = (await markdown.files(straight)).map(({ content }) => content).join("");
    expect(page).toContain("## Round-trip time");
    const files = await csv.files(straight);
    expect(files.find(({ name }) => name === "rtt.csv")?.content).toMatch(
      /^naive \/ mysql2 \/ identity,1000,100,120,100,0,1050,1100,1200,1500,3000,30000,1000000,1,MySQL 9.7.4,box,/m,
    );
    const terminal = table.terminal?.(straight, { colour: false }) ?? "";
    expect(terminal).toContain("by round-trip time to the server");
    for (const line of terminal.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("reports a cell that does not follow its line, and then names no fastest technique", () => {
    const bent = rttTable(runOf({ naive: [1_020, 3_000, 1_520], chunked: [2_000, 2_002, 2_010] }));
    expect(bent?.notes.join("\n")).toMatch(
      /naive \/ mysql2 \/ identity: no line, because base \+ chain x RTT misses a measured point by \d+\.\d %/,
    );
    expect(bent?.notes.join("\n")).not.toContain("Fastest");
  });

  it("is absent for a run without proxies", async () => {
    const cell = recordedCell({ strategy: "naive", orm: "mysql2" });
    const plain = recordedRun([cell], [recordedSample(cell, 1)]);
    expect(rttTable(plain)).toBeNull();
    expect((await csv.files(plain)).map(({ name }) => name)).toEqual(["samples.csv", "summary.csv"]);
  });
});

it.each([
  ["-1", /from 0 to 1,000/],
  ["abc", /"abc" is not a time such as 500ms/],
  ["2sec", /"2sec" is not a time such as 500ms/],
  ["0,10000", /from 0 to 1,000/],
  ["1,,2", /empty name/],
])("rejects --add-rtt %s before anything connects", async (value, said) => {
  const { code, stderr } = await benchInProcess([
    "run",
    "chunked",
    `--add-rtt=${value}`,
    "--db",
    "mysql://nobody@127.0.0.1:1/none",
  ]);
  expect(stderr).toMatch(said);
  expect(code).toBe(2);
});
