/** `bench chaos`: its options, its records, and its pages. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listFaults } from "../../harness/chaos/faults/registry.ts";
import { listInvariants } from "../../harness/chaos/invariants.ts";
import { planTrials } from "../../harness/chaos/plan.ts";
import { CHAOS_RECORDS_FILE, CHAOS_RECORDS_VERSION, readChaos, type TrialRecord } from "../../harness/chaos/records.ts";
import { publishChaos } from "../../harness/chaos/report/publish.ts";
import { failedForGood, tooLong } from "../../harness/chaos/requests.ts";
import { resumableTrials } from "../../harness/chaos/resume.ts";
import { seedOfTrial } from "../../harness/chaos/seeds.ts";
import { summariseChaos } from "../../harness/chaos/summary.ts";
import { appendRecord } from "../../harness/results/record-file.ts";
import type { SentRequest } from "../../harness/scenario/load-messages.ts";
import { silentLog } from "../../lib/log.ts";
import { benchInProcess } from "../support/in-process.ts";

const faults = await listFaults();
const [first, second] = faults;
if (first === undefined || second === undefined) throw new Error("there are too few faults");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bench-chaos-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SETTINGS = { seed: 7, partitioning: "modulo" };

const trialOf = (fault: string, trial: number, changes: Partial<TrialRecord> = {}): TrialRecord => ({
  type: "trial",
  fault,
  trial,
  seed: seedOfTrial(SETTINGS.seed, fault, trial),
  startedAt: "2026-11-29T12:00:00.000Z",
  isApplied: true,
  status: "finished",
  endedAtMs: 900,
  recoveryMs: 500,
  requests: 50,
  affectedRequests: 2,
  nearMisses: [],
  violations: [],
  marks: [{ atMs: 400, what: "member 1 killed" }],
  rounds: [{ member: "member 1", users: 20, fromMs: 100, toMs: 200 }],
  holds: [{ member: "member 2", fromMs: 100, toMs: 400, isCommitted: false }],
  slowRequests: [{ fromMs: 10, toMs: 1_200, isFailed: true }],
  ...changes,
});

async function recorded(name: string, trials: readonly TrialRecord[]): Promise<string> {
  const own = await mkdtemp(join(folder, name));
  const file = join(own, CHAOS_RECORDS_FILE);
  await appendRecord(file, {
    type: "chaos",
    version: CHAOS_RECORDS_VERSION,
    startedAt: "2026-11-29T12:00:00.000Z",
    ...SETTINGS,
    members: 3,
    users: 300,
    leaseMs: 1_000,
    ratePerSecond: 40,
    recoveryLimitMs: 15_000,
    requestLimitMs: 12_000,
    serverVersion: "9.7.4",
    invariants: await listInvariants(),
  });
  for (const trial of trials) await appendRecord(file, trial);
  return own;
}

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

  it("refuses a folder with all requested trials", async () => {
    const out = await recorded("complete", [trialOf(first.id, 1)]);
    const args = ["chaos", "--out", out, "--seed", "7", "--faults", first.id, "--trials", "1"];
    const { code, stderr } = await benchInProcess(args);
    expect(stderr).toContain("it has all of these trials");
    expect(code).toBe(2);
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
  it("bounds the share of failures by 3 / n after trials without a violation, of those in which the fault acted", async () => {
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
        attempts: attempts.map(({ result, status, ms }) => ({ result, status, sentAtMs: 0, answeredAtMs: ms, answer: null })),
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
});
