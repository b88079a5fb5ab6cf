import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { reporter as csv } from "../../harness/reporters/csv.ts";
import { recordedCell, recordedRun, recordedSample, wrong } from "../support/records.ts";
import { mixed, raw } from "./mixed-run.ts";

const csvFiles = await csv.files(mixed);
const read = (name: string): Record<string, string>[] =>
  parse(csvFiles.find((file) => file.name === name)?.content ?? "", { columns: true });

describe("the CSV", () => {
  it("has the documented columns in order", () => {
    expect(Object.keys(read("samples.csv")[0] ?? {}).slice(0, 31)).toEqual(
      (
        "run_id started_at suite strategy orm orm_version api key workers chunk_users add_rtt_ms durability isolation users orders data_seed " +
        "round position status reason verified wall_ms read_ms badges_ms grades_ms coupons_ms done_fraction estimated_wall_ms rows_written rows_per_second statements"
      ).split(" "),
    );
    expect(Object.keys(read("samples.csv")[0] ?? {})).toEqual(
      expect.arrayContaining(["retries", "client_cpu_ms", "peak_rss_bytes"]),
    );
  });
  it("distinguishes cells by isolation, durability, track and split of the users", async () => {
    const plain = recordedCell({ strategy: "chunked", orm: "mysql2" });
    const other = {
      ...plain,
      id: "other",
      isolation: "read-committed",
      durability: "relaxed",
      track: "matched",
      split: "modulo",
    } as const;
    const files = await csv.files(recordedRun([plain, other], [recordedSample(plain, 1), recordedSample(other, 1)]));
    for (const file of ["samples.csv", "summary.csv"]) {
      const rows = parse(files.find(({ name }) => name === file)?.content ?? "", { columns: true });
      expect(rows).toMatchObject([
        {
          isolation: "REPEATABLE-READ",
          durability: "full",
          track: "default",
          split: "range",
          code: "strategies/naive.ts",
          driver_version: "4.5.6",
        },
        { isolation: "READ-COMMITTED", durability: "relaxed", track: "matched", split: "modulo" },
      ]);
    }
  });
  it("leaves an unknown value empty and never writes 0", () => {
    const skipped = read("samples.csv").find(({ status }) => status === "skipped");
    expect(skipped).toMatchObject({
      wall_ms: "",
      read_ms: "",
      rows_written: "",
      statements: "",
      peak_rss_bytes: "",
      verified: "",
      chunk_users: "",
    });
    const failed = read("summary.csv").find(({ status }) => status === "failed");
    expect(failed).toMatchObject({
      median_wall_ms: "",
      min_wall_ms: "",
      max_wall_ms: "",
      ratio_to_baseline: "",
      ratio_to_set_based: "",
    });
  });
  it("names the data, the server, the machine and the day in each row of both files", () => {
    const conditions = { users: "30000", orders: "1000000", data_seed: "1", server: "MySQL 9.7.4" };
    for (const file of ["samples.csv", "summary.csv"])
      expect(read(file)[0]).toMatchObject({ ...conditions, machine: "box", cpu: "Some CPU", cores: "2", date: "2026-11-01" });
  });
  it("has one row per sample and one row per cell", () => {
    expect(read("samples.csv")).toHaveLength(18);
    expect(read("summary.csv")).toHaveLength(6);
  });
  it("quotes a value that would break a row", async () => {
    const odd = recordedRun([raw], [recordedSample(raw, 1, wrong('a "quoted", split\nreason'))]);
    const rows = parse<Record<string, string>>((await csv.files(odd))[0]?.content ?? "", { columns: true });
    expect(rows[0]?.reason).toBe('a "quoted", split\nreason');
  });
});
