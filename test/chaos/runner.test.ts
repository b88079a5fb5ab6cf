/** The trials of one cluster, when some of them cannot run. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { listFaults } from "../../harness/chaos/faults/registry.ts";
import type { Ground } from "../../harness/chaos/ground.ts";
import { planTrials } from "../../harness/chaos/plan.ts";
import type { TrialRecord } from "../../harness/chaos/records.ts";
import { publishRecorded } from "../../harness/chaos/report/publish.ts";
import { runTrials } from "../../harness/chaos/runner.ts";
import type { ChaosSession } from "../../harness/chaos/session.ts";
import { BenchError } from "../../lib/errors.ts";
import { silentLog } from "../../lib/log.ts";
import { recordedChaos, trialOf } from "./records.ts";

const faults = (await listFaults()).filter(({ id }) => id === "none");
const never = new AbortController().signal;
const notUp = (): BenchError => new BenchError("SERVICE_FAILED", "a member did not come up", "read its log above");

interface Script {
  /** numbers of the starts of members that fail, from 1 */
  readonly failedStarts?: readonly number[];
  /** numbers of the trials that fail, counted over all attempts */
  readonly failedTrials?: readonly number[];
  /** the members fail at their end */
  readonly failedEnds?: boolean;
}

async function run({ failedStarts = [], failedTrials = [], failedEnds = false }: Script, take?: () => Promise<void>) {
  const recorded: TrialRecord[] = [];
  let starts = 0;
  let attempts = 0;
  const session: ChaosSession = {
    trial(fault, trial) {
      attempts += 1;
      return failedTrials.includes(attempts) ? Promise.reject(notUp()) : Promise.resolve(trialOf(fault.id, trial));
    },
    [Symbol.asyncDispose]: () => (failedEnds ? Promise.reject(new Error("the folder is busy")) : Promise.resolve()),
  };
  const ground: Pick<Ground, "session" | "signal"> = {
    signal: never,
    session() {
      starts += 1;
      return failedStarts.includes(starts) ? Promise.reject(notUp()) : Promise.resolve(session);
    },
  };
  const planned = planTrials(faults, 3).values();
  const error = await runTrials(
    ground,
    () => planned.next().value,
    { seed: 1, folder: "results/x" },
    never,
    take ?? ((record) => Promise.resolve(void recorded.push(record))),
  ).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const repeated = recorded.filter(({ repeatedAfter }) => repeatedAfter !== null);
  return {
    trials: recorded.map(({ trial }) => trial),
    repeated: repeated.map(({ trial, repeatedAfter }) => `${trial}: ${repeatedAfter}`),
    error,
    attempts,
  };
}

it("repeats a trial once on new members, and records the reason with that trial only", async () => {
  expect(await run({ failedTrials: [2] })).toMatchObject({
    trials: [1, 2, 3],
    repeated: ["2: a member did not come up"],
    error: null,
  });
});

it("names the cause of a trial whose members fail at their end too", async () => {
  const { error } = await run({ failedTrials: [2, 3], failedEnds: true });
  expect(error).toMatchObject({ message: "the trial none:2 could not run: a member did not come up" });
});

it("starts the members again when they do not come up", async () => {
  expect(await run({ failedStarts: [1] })).toMatchObject({ trials: [1, 2, 3], error: null });
});

it("names the trial and the command that continues when neither attempt could run, also by a failed start", async () => {
  const { trials, error } = await run({ failedTrials: [2], failedStarts: [2] });
  expect(trials).toEqual([1]);
  expect(error).toMatchObject({
    code: "SERVICE_FAILED",
    message: "the trial none:2 could not run: a member did not come up",
    fix: "read its log above; then run the same command with --out results/x to continue",
  });
});

it("repeats no trial whose record cannot be written", async () => {
  const full = (): Promise<void> => Promise.reject(new BenchError("RESULTS_NOT_WRITTEN", "the disk is full", "free space"));
  expect(await run({}, full)).toMatchObject({ attempts: 1, error: { code: "RESULTS_NOT_WRITTEN" } });
});

it("publishes the trials that an error has left", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bench-chaos-runner-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const output = { print: () => {}, log: silentLog, json: false };
  await publishRecorded(join(folder, "without-records"), output);
  const out = await recordedChaos(folder, "ended", [trialOf("none", 1)]);
  await publishRecorded(out, output);
  expect(await readFile(join(out, "chaos.md"), "utf8")).toContain("1 trials with 50 requests");
});
