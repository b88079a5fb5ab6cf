import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coldCacheWarning, readPoolReads } from "../../harness/probes/buffer-pool.ts";
import { loadWarning } from "../../harness/probes/load.ts";
import { noiseWarnings, readMachine, type MachineReading } from "../../harness/probes/machine.ts";
import { connect, type Connection } from "../../lib/connection.ts";
import { openTestSchema } from "../support/database.ts";

describe("the load of the machine", () => {
  it("causes a warning with both numbers when it exceeds the number of cores", () => {
    expect(loadWarning(2.1, 2)).toMatch(/load average is 2\.1 on 2 cores/);
    expect(loadWarning(2, 2)).toBeNull();
    // Windows has no load average
    expect(loadWarning(0, 2)).toBeNull();
  });
});

describe("other processes during a sample", () => {
  const at = (atMs: number, wantedMs: number, stolenMs = 0, harnessCpuMs = 0): MachineReading => ({
    cpu: { wantedMs, stolenMs },
    harnessCpuMs,
    atMs,
  });
  const sample = { clientCpuMs: 300, serverCpuMs: 200 };
  const of = (after: MachineReading, used: Parameters<typeof noiseWarnings>[2] = sample): string[] =>
    noiseWarnings(at(0, 0), after, used, 2);

  it("cause a warning when they take more than a quarter of the cores' capacity", () => {
    // of 2,000 ms: 500 for the client and the server, 500 for others
    expect(of(at(1_000, 1_000))).toEqual([]);
    expect(of(at(1_000, 1_010))).toEqual([expect.stringMatching(/other processes took over 25 %.*\(load\)/)]);
  });

  it("do not include this process or the time stolen by other machines", () => {
    expect(of(at(1_000, 1_010, 0, 20))).toEqual([]);
    expect(of(at(1_000, 1_050, 50))).toEqual([]);
  });

  it("cause a warning with the stolen fraction of the requested CPU time when they are other virtual machines", () => {
    expect(of(at(1_000, 1_000, 101))).toEqual([expect.stringMatching(/\(steal\)/)]);
    expect(of(at(1_000, 1_000, 100))).toEqual([]);
  });

  it("are unknown when the server's CPU time is unknown, the system has no counters, or the time is too short", () => {
    expect(of(at(1_000, 2_000), { ...sample, serverCpuMs: null })).toEqual([]);
    expect(of(at(1_000, 2_000), { ...sample, clientCpuMs: null })).toEqual([]);
    expect(of({ ...at(1_000, 2_000), cpu: null })).toEqual([]);
    expect(of(at(299, 2_000))).toEqual([]);
  });

  it.skipIf(process.platform !== "linux")("are separable from this process by the counters of the system", async () => {
    const before = await readMachine(null);
    // CPU time, not 50 ms of wall time: a busy machine gives less
    const used = process.cpuUsage();
    while (process.cpuUsage(used).user < 50_000);
    const after = await readMachine(null);
    expect(after.harnessCpuMs - before.harnessCpuMs).toBeGreaterThan(40);
    expect(after.cpu?.wantedMs).toBeGreaterThan(before.cpu?.wantedMs ?? Number.NaN);
  });
});

describe("a cold cache", () => {
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  let connection: Connection;
  beforeAll(async () => {
    schema = await openTestSchema("pool");
    connection = await connect(schema.target, { withSchema: false });
  });
  afterAll(async () => {
    await connection.end();
    await schema[Symbol.asyncDispose]();
  });

  it("is visible in the server's counters", async () => {
    const reads = await readPoolReads(connection);
    expect(reads?.pagesRead).toBeGreaterThan(0);
    expect(reads?.dataPages).toBeGreaterThan(0);
    expect(coldCacheWarning(reads, reads)).toBeNull();
  });

  it("causes a warning when the server read more than a few percent of the pages in memory from disk", () => {
    const before = { pagesRead: 1_000, dataPages: 8_000 };
    expect(coldCacheWarning(before, { pagesRead: 1_400, dataPages: 8_000 })).toBeNull();
    expect(coldCacheWarning(before, { pagesRead: 1_401, dataPages: 8_000 })).toMatch(/cold cache/);
    expect(coldCacheWarning(null, before)).toBeNull();
  });

  it("is unknown when the account has no right to read the counters", async () => {
    expect(await readPoolReads({ query: () => Promise.reject(new Error("denied")) } as unknown as Connection)).toBeNull();
  });
});
