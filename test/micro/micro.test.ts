import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureCase } from "../../harness/micro/measure.ts";
import { microTable, type MicroRecord } from "../../harness/micro/report.ts";
import { listPlugIns } from "../../harness/registry.ts";
import type { MicroCase } from "../../orms/micro.ts";
import { benchInProcess } from "../support/in-process.ts";

const all = (await listPlugIns("micro")).map(({ value }) => value);

describe.each(all)("the micro benchmark $id", (micro) => {
  it("returns the results that its cases state, each with a time per unit", async () => {
    for (const measured of await micro.cases()) {
      const result = await measureCase(micro.id, measured, 5);
      expect(result, measured.name).toMatchObject({ status: "ok", reason: null });
      expect(result.medianNs).toBeGreaterThan(0);
      expect(result.samples).toBeGreaterThanOrEqual(5);
    }
  });
});

it("bench finds the micro benchmarks in the folders of the libraries", () => {
  expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(["keys", "sql", "drizzle", "prisma", "mikro-orm"]));
});

describe("a case", () => {
  const made = (parts: Partial<MicroCase>): MicroCase => ({
    name: "case",
    unit: "row",
    unitsPerCall: 10,
    isAsync: false,
    run: () => 1,
    check: () => null,
    ...parts,
  });

  it("gets no time when its result is wrong", async () => {
    const result = await measureCase("x", made({ check: (value) => `gave ${String(value)}` }), 5);
    expect(result).toMatchObject({ status: "failed", reason: "wrong result: gave 1", medianNs: null, samples: null });
  });

  it("gets no time when it fails sometimes, because the other samples would be a selection", async () => {
    let calls = 0;
    const run = (): number => {
      calls += 1;
      if (calls === 40) throw new Error("the fortieth call");
      return calls;
    };
    expect(await measureCase("x", made({ run }), 5)).toMatchObject({
      status: "failed",
      reason: "the fortieth call",
      medianNs: null,
    });
  });

  it("is awaited each time when it is asynchronous, after one earlier run only for its check", async () => {
    let [begun, ended] = [0, 0];
    const run = async (): Promise<void> => {
      begun += 1;
      await new Promise((resume) => setImmediate(resume));
      ended += 1;
    };
    const { status, samples } = await measureCase("x", made({ run, isAsync: true }), 5);
    expect(status).toBe("ok");
    expect(ended).toBe(begun);
    expect(begun).toBeGreaterThan(samples ?? Number.NaN);
  });

  it("has its time divided by the units of one call", async () => {
    const work = (): number => {
      let sum = 0;
      for (let index = 0; index < 200_000; index += 1) sum += index % 7;
      return sum;
    };
    const one = await measureCase("x", made({ run: work, unitsPerCall: 1 }), 30);
    const many = await measureCase("x", made({ run: work, unitsPerCall: 1_000 }), 30);
    expect((one.medianNs ?? 0) / (many.medianNs ?? 1)).toBeGreaterThan(200);
  });
});

describe("bench micro", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "micro-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("prints a table within 80 columns and leaves record, CSV and Markdown", async () => {
    const { code, stdout } = await benchInProcess(["micro", "keys", "--time", "5ms", "--out", folder]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/keys: uuidv7, 16 bytes +[\d.]+ (ns|µs) +key/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    const record = JSON.parse(await readFile(join(folder, "micro.json"), "utf8")) as MicroRecord;
    expect(record.results).toHaveLength(4);
    expect(record.versions["uuid"]).toMatch(/^\d/);
    const rows = parse<Record<string, string>>(await readFile(join(folder, "micro.csv"), "utf8"), { columns: true });
    expect(rows.map(({ name, status }) => [name, status])).toContainEqual(["uuidv4, text", "ok"]);
    expect(await readFile(join(folder, "micro.md"), "utf8")).toContain("| keys | uuidv4, text |");
    expect(microTable(record, false)).toContain("Times of the client's work without a server");
  });

  it("prints only JSON, with only the filtered cases", async () => {
    const { code, stdout } = await benchInProcess(["micro", "sql", "--filter", "CASE WHEN", "--time", "5ms", "--json"]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as MicroRecord).results.map(({ unitsPerCall }) => unitsPerCall)).toEqual([50, 500, 5_000]);
  });

  it.each([
    [["micro", "key"], /no micro benchmark is named "key"\n.*did you mean keys\?/],
    [["micro", "--time", "0"], /--time 0 measures nothing/],
    [["micro", "--time", "5"], /not a time such as 500ms/],
    [["micro", "keys", "--filter", "nothing like it"], /no case name contains/],
  ])("rejects %j with the fix", async (args, said) => {
    const { code, stderr } = await benchInProcess(args);
    expect(stderr).toMatch(said);
    expect(code).toBe(2);
  });
});
