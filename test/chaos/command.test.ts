/** `bench chaos`: its options, its records, and its pages. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listFaults } from "../../harness/chaos/faults/registry.ts";
import { listInvariants } from "../../harness/chaos/invariants.ts";
import { planTrials } from "../../harness/chaos/plan.ts";
import { CHAOS_RECORDS_FILE, readChaos, storedTrial, type TrialRecord } from "../../harness/chaos/records.ts";
import { publishChaos } from "../../harness/chaos/report/publish.ts";
import { chaosCsv, chaosDigest, faultCells, invariantRows } from "../../harness/chaos/report/tables.ts";
import { failedForGood, tooLong } from "../../harness/chaos/requests.ts";
import { resumableTrials } from "../../harness/chaos/resume.ts";
import { listTrialRules } from "../../harness/chaos/rule.ts";
import { seedOfTrial } from "../../harness/chaos/seeds.ts";
import { summariseChaos } from "../../harness/chaos/summary.ts";
import { describeMachine } from "../../harness/probes/environment.ts";
import { appendRecord } from "../../harness/results/record-file.ts";
import type { SentRequest } from "../../harness/scenario/load-messages.ts";
import { silentLog } from "../../lib/log.ts";
import { benchInProcess } from "../support/in-process.ts";
import { recordedChaos, SETTINGS, trialOf } from "./records.ts";

const faults = await listFaults();
const [first, second] = faults;
if (first === undefined || second === undefined) throw new Error("there are too few faults");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bench-chaos-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const recorded = (name: string, trials: readonly TrialRecord[]): Promise<string> => recordedChaos(folder, name, trials);

describe("bench chaos", () => {
  it.each([
    { args: ["--faults", "kill-nobody"], says: /no fault is named "kill-nobody"/ },
    { args: ["--trials", "0"], says: /must be from 1/ },
    { args: ["--partitioning", "random"], says: /no partitioning is named "random"/ },
    { args: ["--replay", "none"], says: /"none" names no trial/ },
    { args: ["--replay", "nothing:1"], says: /no fault is named "nothing"/ },
    { args: ["--replay", "none:1", "--faults", "none"], says: /--faults names others/ },
    { args: ["--clusters", "99"], says: /must be from 1/ },
    { args: ["--clusters", "2", "--db", "mysql://root@127.0.0.1:1/x"], says: /cannot run 2 clusters on the server of --db/ },
    { args: ["--db", "postgres://a@b/c"], says: /only mysql/ },
  ])("refuses $args before it connects", async ({ args, says }) => {
    const { code, stderr } = await benchInProcess(["chaos", ...args]);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
  });

  it("refuses a folder with trials of another seed", async () => {
    const out = await recorded("seed", [trialOf(first.id, 1)]);
    const { code, stderr } = await benchInProcess(["chaos", "--out", out, "--seed", "8"]);
    expect(stderr).toContain("its trials have seed 7, not 8");
    expect(code).toBe(1);
  });

  it("refuses a replay into a folder of trials, also if the folder has the trial", async () => {
    const out = await recorded("replay", [trialOf(first.id, 1)]);
    const { code, stderr } = await benchInProcess(["chaos", "--out", out, "--seed", "7", "--replay", `${first.id}:1`]);
    expect(stderr).toMatch(/BAD_OUTPUT_FOLDER: cannot write a replay to .*\n.*choose a new folder with --out/);
    expect(code).toBe(2);
  });

  it("refuses a folder with all requested trials", async () => {
    const out = await recorded("complete", [trialOf(first.id, 1)]);
    const args = ["chaos", "--out", out, "--seed", "7", "--faults", first.id, "--trials", "1"];
    const { code, stderr } = await benchInProcess(args);
    expect(stderr).toContain("it has all of these trials");
    expect(code).toBe(2);
  });

  it("fails on a folder with all requested trials when one of them violated an invariant", async () => {
    const violations = [{ invariant: "run-ends", count: 1, examples: ["the run is failed"] }];
    const out = await recorded("complete", [trialOf(first.id, 1, { violations })]);
    const args = ["chaos", "--out", out, "--seed", "7", "--faults", first.id, "--trials", "1"];
    const { code, stderr } = await benchInProcess(args);
    expect(stderr).toContain(`1 of 1 trials violated an invariant, first ${first.id}:1: run-ends`);
    expect(code).toBe(1);
  });
});

describe("a continued folder", () => {
  it("gets the missing trials only, each round of all faults first", async () => {
    const out = await recorded("resume", [trialOf(first.id, 1), trialOf(second.id, 1), trialOf(first.id, 2)]);
    const { trials, isContinued } = await resumableTrials(out, planTrials([first, second], 3), SETTINGS);
    expect(isContinued).toBe(true);
    expect(trials.map(({ fault, trial }) => `${fault.id}:${trial}`)).toEqual([
      `${second.id}:2`,
      `${first.id}:3`,
      `${second.id}:3`,
    ]);
  });

  it("starts from the first trial when it has no records", async () => {
    const planned = planTrials([first], 2);
    expect(await resumableTrials(folder, planned, SETTINGS)).toEqual({ trials: planned, isContinued: false });
  });
});

describe("the seed of a trial", () => {
  it("depends on the seed of the command, the fault and the number, and on nothing else", () => {
    const seeds = [
      seedOfTrial(1, "none", 1),
      seedOfTrial(2, "none", 1),
      seedOfTrial(1, "none", 2),
      seedOfTrial(1, "scale-in", 1),
    ];
    expect(new Set(seeds).size).toBe(4);
    expect(seedOfTrial(1, "none", 1)).toBe(seeds[0]);
  });
});

describe("the summary of a fault", () => {
  it("bounds the fraction of failures by 3 / n after trials without a violation, of those in which the fault acted", async () => {
    const trials = [
      trialOf("a", 1),
      trialOf("a", 2, { recoveryMs: 700 }),
      trialOf("a", 3, { isApplied: false, recoveryMs: null }),
    ];
    const [summary] = summariseChaos(await readChaos(await recorded("bound", trials)));
    expect(summary).toMatchObject({
      trials: 2,
      notApplied: 1,
      failedTrials: 0,
      upperBound: 1,
      recoveryMs: { median: 600, max: 700 },
    });
  });

  it("has no bound after a violation, and counts near misses", async () => {
    const violations = [{ invariant: "run-ends", count: 1, examples: ["the run is failed"] }];
    const trials = [trialOf("a", 1, { violations }), trialOf("a", 2, { nearMisses: ["member 1", "member 2"] })];
    const [summary] = summariseChaos(await readChaos(await recorded("failed", trials)));
    expect(summary).toMatchObject({ failedTrials: 1, upperBound: null, nearMisses: 2 });
    expect(summary?.violations).toMatchObject({ "run-ends": 1, "effect-grade-once": 0 });
  });
});

describe("the pages", () => {
  it("name each fault and invariant, and contain the course of a failed trial", async () => {
    const violations = [{ invariant: "effect-grade-once", count: 1, examples: ["user 4 in run 9 was graded 2 times"] }];
    const out = await recorded("pages", [trialOf("a", 1), trialOf("b", 1, { violations })]);
    const printed: string[] = [];
    await publishChaos(await readChaos(out), out, { print: (text) => printed.push(text), log: silentLog, json: false });
    const [markdown, csv, json, svg] = await Promise.all(
      ["chaos.md", "chaos.csv", "chaos.json", "timelines/a.svg"].map((name) => readFile(join(out, name), "utf8")),
    );
    expect(markdown).toContain("user 4 in run 9 was graded 2 times");
    for (const { id } of await listInvariants()) expect(markdown).toContain(`| ${id} |`);
    expect(csv?.split("\n").filter((line) => line.startsWith("b,effect-grade-once,1,0,1,"))).toHaveLength(1);
    expect(JSON.parse(json ?? "")).toMatchObject({ faults: [{ fault: "a" }, { fault: "b", failedTrials: 1 }] });
    expect(svg).toContain("member 1 killed");
    expect(printed.join("\n")).toContain("1 trials violated an invariant");
  });
});

describe("a violation in a trial whose fault did not act", () => {
  it("is counted apart from those of the trials, and leaves no upper bound", async () => {
    const violations = [{ invariant: "run-ends", count: 1, examples: ["the run is failed"] }];
    const results = await readChaos(
      await recorded("early", [trialOf("a", 1), trialOf("a", 2, { violations, isApplied: false, recoveryMs: null })]),
    );
    const [summary] = summariseChaos(results);
    expect(summary).toMatchObject({ trials: 1, failedTrials: 0, notApplied: 1, failedNotApplied: 1, upperBound: null });
    expect(faultCells(summary ?? ({} as never)).slice(0, 4)).toEqual(["a", "1", "1 (1 failed)", "0"]);
    expect(invariantRows(results).filter(([id]) => id === "run-ends")).toMatchObject([
      ["run-ends", expect.any(String), "1", "a, not reached: 1"],
    ]);
    expect(chaosCsv(results)).toContain("\na,run-ends,1,1,0,1,");
  });
});

describe("the conditions of the pages", () => {
  it("name the machine, the clusters and the commit of each start of the command", async () => {
    const out = await recorded("starts", [trialOf("a", 1)]);
    const start = {
      type: "start",
      startedAt: "2026-11-29T12:00:00.000Z",
      machine: { ...describeMachine(), cpu: "CPU", cores: 2 },
    };
    const file = join(out, CHAOS_RECORDS_FILE);
    await appendRecord(file, { ...start, gitCommit: "a".repeat(40), clusters: 1 });
    await appendRecord(file, { ...start, gitCommit: "b".repeat(40), clusters: 3 });
    const digest = chaosDigest(await readChaos(out));
    expect(digest).toContain("CPU, 2 cores; clusters at the same time: 1, 3; commit aaaaaaaaaa, bbbbbbbbbb; 2026-11-29.");
  });

  it("lack the machine when an older version wrote the records", async () => {
    const out = await recorded("old", [trialOf("a", 1)]);
    const file = join(out, CHAOS_RECORDS_FILE);
    await writeFile(file, (await readFile(file, "utf8")).replace(/"version":\d+/, '"version":1'));
    expect(chaosDigest(await readChaos(out))).not.toContain("commit");
  });
});

describe("a stored trial", () => {
  it("has its course among the first trials of a fault and after a violation, and otherwise only its numbers", () => {
    const violations = [{ invariant: "run-ends", count: 1, examples: ["the run is failed"] }];
    const courses = [trialOf("a", 1), trialOf("a", 3), trialOf("a", 4), trialOf("a", 4, { violations })].map((trial) => {
      const { rounds, holds, slowRequests } = storedTrial(trial);
      return [rounds.length, holds.length, slowRequests.length];
    });
    expect(courses).toEqual([
      [1, 1, 1],
      [1, 1, 1],
      [0, 0, 0],
      [1, 1, 1],
    ]);
    expect(storedTrial(trialOf("a", 4))).toMatchObject({ endedAtMs: 900, requests: 50, marks: [{ atMs: 400 }] });
  });

  it("has times with a decimal of a millisecond", () => {
    const trial = trialOf("a", 1, { rounds: [{ member: "member 1", users: 20, fromMs: 100.123_456, toMs: 200.987_654 }] });
    expect(storedTrial(trial).rounds).toMatchObject([{ fromMs: 100.1, toMs: 201 }]);
  });
});

describe("the requests of a trial", () => {
  const write = (
    changes: Partial<SentRequest>,
    attempts: readonly { result: string; status: number | null; ms: number }[],
  ): SentRequest =>
    ({
      userId: 1,
      sentAtMs: 0,
      endedAtMs: 10,
      outcome: "failed",
      failure: "proxy-504",
      write: {
        kind: "badge",
        attempts: attempts.map(({ result, status, ms }) => ({
          result,
          status,
          sentAtMs: 0,
          answeredAtMs: status === null ? null : ms,
          endedAtMs: ms,
          answer: null,
        })),
      },
      ...changes,
    }) as unknown as SentRequest;

  it("violate nothing when a repetition gets an answer", () => {
    const sent = [
      write({}, [
        { result: "unknown", status: 504, ms: 5_500 },
        { result: "applied", status: 200, ms: 20 },
      ]),
    ];
    expect([...failedForGood(sent), ...tooLong(sent)]).toEqual([]);
  });

  it.each([
    { what: "no repetition gets an answer", attempts: [{ result: "unknown", status: null, ms: 100 }] },
    { what: "the last repetition is refused for now", attempts: [{ result: "refused", status: 503, ms: 100 }] },
  ])("are client errors when $what", ({ attempts }) => {
    expect(failedForGood([write({}, attempts)])).toHaveLength(1);
  });

  it("are too long when one attempt takes 12 s", () => {
    expect(tooLong([write({}, [{ result: "applied", status: 200, ms: 12_500 }])])).toHaveLength(1);
  });

  it("are too long when a repetition gets no answer for 30 s", () => {
    const attempts = [
      { result: "refused", status: 503, ms: 10 },
      { result: "unknown", status: null, ms: 30_000 },
      { result: "applied", status: 200, ms: 5 },
    ];
    expect(tooLong([write({}, attempts)])).toHaveLength(1);
  });

  it("are too long when a read takes over 12 s, and not when it takes 12 s", () => {
    const read = (endedAtMs: number): SentRequest => write({ write: null, endedAtMs }, []);
    expect(tooLong([read(12_000), read(12_001)])).toHaveLength(1);
  });

  it("are client errors and too long as rules of a trial", async () => {
    const hung = write({}, [{ result: "unknown", status: null, ms: 30_000 }]);
    const batch = { id: 7, runId: 7, status: "finished", isFinished: true, requestedAtMs: 0, cutOffSeenAtMs: null };
    const expected = { runId: 7, users: [], coupons: [] };
    const violated = (await listTrialRules()).filter(
      ({ violations }) => violations({ batch, expected, effects: [], recoveryMs: null, sent: [hung], left: [] }).length > 0,
    );
    expect(violated.map(({ id }) => id)).toEqual(["client-error", "request-limit"]);
  });
});
