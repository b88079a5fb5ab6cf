import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Check, CheckContext, Finding } from "../../harness/doctor/check.ts";
import { measureNoise, noiseFloor } from "../../harness/doctor/noise-floor.ts";
import { listPlugIns } from "../../harness/registry.ts";
import type { RunRecord } from "../../harness/results/records.ts";
import { connect, execute, identifier, select } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { targetUrl } from "../../lib/target.ts";
import { bench } from "../support/bench.ts";
import { openTestSchema } from "../support/database.ts";
import { isFull } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";
import { recordedRun } from "../support/records.ts";

const checks = new Map((await listPlugIns("check")).map(({ value }) => [value.id, value]));

type Environment = RunRecord["environment"];
const USUAL = recordedRun([], []).run.environment;

function found(id: string, change: (environment: Environment) => Environment = (same) => same): Promise<Finding[]> {
  const signal = new AbortController().signal;
  const context = { environment: change(USUAL), database: { owned: true }, log: silentLog, signal, restoredDurability: null };
  // these checks read only the environment
  return (checks.get(id) as Check).run(context as unknown as CheckContext);
}
const levels = (findings: readonly Finding[]): string[] => findings.map(({ level }) => level);
const server = (parts: Partial<Environment["server"]>) => (environment: Environment) => ({
  ...environment,
  server: { ...environment.server, ...parts },
});

describe("a check of doctor", () => {
  it("rates relaxed durability as misleading, with the settings that fix it", async () => {
    const [finding] = await found("durability", server({ durability: "relaxed" }));
    expect(finding).toMatchObject({ level: "unreliable", fix: expect.stringContaining("sync_binlog=1") });
    expect(levels(await found("durability"))[0]).toBe("good");
    expect(levels(await found("durability", server({ durability: "managed" })))[0]).toBe("note");
  });

  it.each([
    [0.09, "good"],
    [12, "note"],
    [0.001, "note"],
    [null, "note"],
  ])("rates an fsync of %s ms as %s", async (fsyncP50Ms, level) => {
    const findings = await found("durability", (environment) => ({ ...environment, fsyncP50Ms }));
    expect(findings[1]).toMatchObject({ level, values: { fsyncP50Ms } });
  });

  it.each([
    [0.08, "note", /shorter than between most/],
    [0.5, "good", /a round trip takes 0\.50 ms/],
    [4, "note", /waits that long for each statement/],
    [null, "note", /could not measure/],
  ])("rates a round trip of %s ms as %s", async (rttMs, level, says) => {
    expect(await found("distance", server({ rttMs }))).toMatchObject([{ level, says: expect.stringMatching(says) }]);
  });

  it("warns that the run measures the disk when the buffer pool is smaller than the data", async () => {
    const small = await found("server", server({ variables: { innodb_buffer_pool_size: String(2 ** 27) } }));
    expect(small[1]).toMatchObject({ level: "unreliable", says: expect.stringContaining("128 MiB") });
    const large = await found("server", server({ variables: { innodb_buffer_pool_size: String(2 ** 30) } }));
    expect(large[1]?.level).toBe("good");
    expect((await found("server", server({ variables: {} })))[1]?.level).toBe("note");
  });

  it("warns that times are too long when the machine is busy", async () => {
    const machine = (loadAverage: number) => (environment: Environment) => ({
      ...environment,
      machine: { ...environment.machine, loadAverage },
    });
    expect((await found("machine", machine(9)))[1]).toMatchObject({
      level: "unreliable",
      says: expect.stringContaining("9.0 on 2 cores"),
    });
    expect((await found("machine", machine(0.1)))[1]?.level).toBe("good");
  });

  it("derives the noise from pairs of the same code, and states how many pairs a difference of 5 % requires", () => {
    const pairs = (spread: number) =>
      Array.from({ length: 10 }, (_, index) => ({ base: 100, candidate: 100 * Math.exp(spread * (index % 2 === 0 ? 1 : -1)) }));
    expect(noiseFloor(pairs(0.01)).typicalDifference).toBeCloseTo(Math.expm1(0.01), 9);
    expect(noiseFloor(pairs(0.01))).toMatchObject({ pairsForFivePercent: 10 });
    const noisy = noiseFloor(pairs(0.2));
    expect(noisy.intervalFraction).toBeCloseTo(0.2, 9);
    expect(noisy.pairsForFivePercent).toBe(160);
    expect(noiseFloor(pairs(0.1).slice(0, 3))).toMatchObject({ intervalFraction: null, pairsForFivePercent: null });
  });
});

describe("bench doctor", () => {
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  beforeAll(async () => {
    schema = await openTestSchema("doctor");
  });
  afterAll(() => schema[Symbol.asyncDispose]());

  async function schemasLeft(): Promise<unknown[]> {
    const connection = await connect(schema.target, { withSchema: false });
    try {
      return await select(connection, `SHOW DATABASES LIKE '${schema.target.schema.replaceAll("_", "\\_")}%'`);
    } finally {
      await connection.end();
    }
  }

  // ten pairs take 20 processes
  it.runIf(isFull)("runs every check, measures the noise, and leaves nothing on the server", async () => {
    const { code, stdout } = await bench(["doctor", "--json", "--db", targetUrl(schema.target)]);
    expect(code).toBe(0);
    const { checks: looked } = JSON.parse(stdout) as { checks: { id: string; findings: Finding[] }[] };
    expect(looked.map(({ id }) => id)).toEqual([...checks.keys()]);
    const noise = looked.find(({ id }) => id === "noise")?.findings[0];
    expect(noise?.says).toMatch(/two runs of the same code differ by [\d.]+ %/);
    expect(noise?.values["typicalDifference"]).toBeGreaterThan(0);
    expect(await schemasLeft()).toEqual([]);
  });

  it.runIf(isFull)("measures the noise by pairs of the same code, and leaves nothing on the server", async () => {
    const database = { target: schema.target } as CheckContext["database"];
    const [noise] = await measureNoise({ database, log: silentLog, signal: new AbortController().signal }, 2);
    expect(noise).toMatchObject({
      level: "unreliable",
      says: expect.stringMatching(/two runs of the same code differ by [\d.]+ % \(median of 2 pairs\), too few pairs/),
    });
    expect(noise?.values["typicalDifference"]).toBeGreaterThan(0);
    expect(await schemasLeft()).toEqual([]);
  });

  it("leaves a schema unchanged that has doctor's schema name and contains foreign tables", async () => {
    const theirs = `${schema.target.schema}_doctor`;
    const connection = await connect(schema.target, { withSchema: false });
    try {
      await execute(connection, `CREATE DATABASE ${identifier(theirs)}`);
      await execute(connection, `CREATE TABLE ${identifier(theirs)}.invoices (id INT PRIMARY KEY)`);
      const { stdout } = await benchInProcess(["doctor", "--json", "--db", targetUrl(schema.target)]);
      const { checks: looked } = JSON.parse(stdout) as { checks: { id: string; findings: Finding[] }[] };
      expect(looked.map(({ id }) => id)).toEqual([...checks.keys()]);
      expect(JSON.stringify(looked.find(({ id }) => id === "noise"))).toContain("bench did not change it");
      expect(await select(connection, `SHOW TABLES FROM ${identifier(theirs)}`)).toHaveLength(1);
    } finally {
      await execute(connection, `DROP DATABASE IF EXISTS ${identifier(theirs)}`);
      await connection.end();
    }
  });

  it("prints the fixes as text within 80 columns, and fails with --strict when numbers would mislead", async () => {
    // the test server has a small buffer pool
    const { code, stdout, stderr } = await benchInProcess(["doctor", "--quick", "--strict", "--db", targetUrl(schema.target)]);
    expect(stdout).toMatch(/bad +the buffer pool of/);
    expect(stdout).toMatch(/fix: raise innodb_buffer_pool_size/);
    expect(stdout).not.toContain("Noise floor");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(stderr).toMatch(/error UNRELIABLE/);
    expect(code).toBe(3);
  });

  it("exits 1 when there is no server", async () => {
    const { code, stderr } = await benchInProcess(["doctor", "--db", "mysql://nobody:secret@127.0.0.1:1/none"]);
    expect(stderr).toMatch(/CONNECT_REFUSED/);
    expect(stderr).not.toContain("secret");
    expect(code).toBe(1);
  });
});
