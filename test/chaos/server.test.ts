/** Trials on a server that bench manages: faults restart it, and an interruption keeps the finished trials. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listFaults } from "../../harness/chaos/faults/registry.ts";
import { planTrials } from "../../harness/chaos/plan.ts";
import { resumableTrials } from "../../harness/chaos/resume.ts";
import { runChaos, type ChaosRequest } from "../../harness/chaos/runner.ts";
import { silentLog, type Log } from "../../lib/log.ts";
import { isFull } from "../support/full.ts";
import { newInstance } from "../support/instances.ts";

const IDS = ["database-killed", "database-stopped", "connections-exhausted", "disk-full"];
const faults = (await listFaults()).filter(({ id }) => IDS.includes(id));
const SETTINGS = { seed: 5, partitioning: "rendezvous" };

/** Calls `onTrial` after each trial, and not for the load of the data. */
const countingLog = (onTrial: () => void): Log => ({
  ...silentLog,
  progress: (label) => (label === "chaos" ? { update: onTrial, stop() {} } : silentLog.progress(label, 0, "")),
});

// A managed server and three members start twice.
describe.runIf(isFull)("a managed server", () => {
  it("is killed, stopped and full, an interrupted start continues on two clusters, and no invariant is violated", async () => {
    await using instance = newInstance();
    await using second = newInstance(`${instance.options.name}-2`);
    await using _server = await instance.open();
    await using _second = await second.open();
    const folder = await mkdtemp(join(tmpdir(), "bench-chaos-server-"));
    await using stack = new AsyncDisposableStack();
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const planned = planTrials(faults, 1);
    const start = async (clusters: number, log: Log, signal: AbortSignal) => {
      const request: ChaosRequest = {
        ...(await resumableTrials(folder, planned, SETTINGS)),
        ...SETTINGS,
        clusters,
        database: { kind: "managed", provider: "embedded" },
        instance: instance.options.name,
        folder,
        isReplay: false,
        yes: true,
      };
      return await runChaos(request, log, signal);
    };
    const interruption = new AbortController();
    const first = await start(
      1,
      countingLog(() => interruption.abort()),
      interruption.signal,
    );
    expect(first.trials).toHaveLength(1);
    const { trials } = await start(2, silentLog, new AbortController().signal);
    expect(trials.map(({ fault }) => fault).toSorted()).toEqual(IDS.toSorted());
    expect(trials.flatMap(({ violations }) => violations)).toEqual([]);
    expect(trials.map(({ isApplied, status }) => ({ isApplied, status }))).toEqual(
      IDS.map(() => ({ isApplied: true, status: "finished" })),
    );
  });
});
