import { describe, expect, it } from "vitest";
import { reporter as markdown } from "../../harness/reporters/markdown.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";
import { mixed, setBased, type raw } from "./mixed-run.ts";

const page = (await markdown.files(mixed))[0]?.content ?? "";
describe("the Markdown", () => {
  it("is ready to paste: title, machine, versions, settings, table, notes", () => {
    for (const part of [
      "# orm-shootout: suite quick",
      "Some CPU, 2 cores",
      "mysql2 3.24.4",
      "sync_binlog=1",
      "| technique |",
      "durability full",
      "order seed 1",
    ])
      expect(page).toContain(part);
  });
  it("shows the version that a user's own build reports", async () => {
    const built = recordedCell({ strategy: "chunked", orm: "drizzle", version: "file.07d5ad8a", chunkUsers: 1000 });
    const [file] = await markdown.files(recordedRun([built], [recordedSample(built, 1, { ormVersion: "0.46.0-dev" })]));
    expect(file?.content).toContain("drizzle@file.07d5ad8a is 0.46.0-dev");
  });
  it("states how far the reference differs from itself when the run has enough rounds", async () => {
    const times = [1_000, 1_100, 1_000, 1_100, 1_000];
    const rounds = times.map((wallMs, index) => recordedSample(setBased, index + 1, { wallMs }));
    const [file] = await markdown.files(recordedRun([setBased], rounds));
    expect(file?.content).toContain(`Noise: ${setBased.id} differs from itself by 10 % from one round to the next (median of 4)`);
    expect(page).not.toContain("Noise:");
  });
  it("warns of relaxed durability before anything else", async () => {
    const results = recordedRun([setBased], [recordedSample(setBased, 1)]);
    const server = { ...results.run.environment.server, durability: "relaxed" } as const;
    const relaxed = { ...results, run: { ...results.run, environment: { ...results.run.environment, server } } };
    expect((await markdown.files(relaxed))[0]?.content).toMatch(/- RELAXED DURABILITY[^\n]*\n- \d+ of \d+ samples verified/);
  });
  it("warns of cells with relaxed durability, and compares them only with cells of relaxed durability", async () => {
    const relaxed = { ...setBased, id: "relaxed", durability: "relaxed" } as const;
    const chunked = { ...recordedCell({ strategy: "chunked", orm: "mysql2" }), id: "chunked", durability: "relaxed" } as const;
    const results = recordedRun(
      [setBased, relaxed, chunked],
      [
        recordedSample(setBased, 1, { wallMs: 100 }),
        recordedSample(relaxed, 1, { wallMs: 50 }),
        recordedSample(chunked, 1, { wallMs: 200 }),
      ],
    );
    const [file] = await markdown.files(results);
    expect(file?.content).toMatch(/- RELAXED DURABILITY in 2 of 3 cells[^\n]*\n- \d+ of \d+ samples verified/);
    expect(file?.content).toMatch(/\| chunked \(relaxed\) \|.*\| 4\.00x \|/);
  });
  it("prints medians and ratios with intervals when the run has enough rounds, and otherwise no empty columns", async () => {
    const chunked = recordedCell({ strategy: "chunked", orm: "mysql2" });
    const rounds = [1, 2, 3, 4, 5, 6];
    const samples = rounds.flatMap((round) => [
      recordedSample(setBased, round, { wallMs: 100 * round }),
      recordedSample(chunked, round, { wallMs: 200 * round + (round === 6 ? 600 : 0) }),
    ]);
    const [file] = await markdown.files(recordedRun([setBased, chunked], samples));
    expect(file?.content).toContain("| range | 95 % interval |");
    expect(file?.content).toMatch(/\| chunked .*\| 200 ms - 1\.80 s \| 200 ms - 1\.80 s \|.*\| 2\.00x \(2\.00x - 3\.00x\) \|/);
    expect(page).not.toContain("95 % interval");
  });
  it("marks estimates and explains the mark", () => {
    expect(page).toContain("| ~6.7 min | 2.0 % done | ~50,000 |");
    expect(page).toContain("~ marks an estimate");
  });
  it("shows a failed cell with its reason and no time", () => {
    expect(page).toMatch(/\| case-when \| 1,000 \| prisma \| native \| identity \| failed \|/);
    expect(page).toContain("wrong result: users: one");
  });
  it("escapes a bar inside a cell, so that the row does not split", () => {
    const header = page.split("\n").find((line) => line.startsWith("| technique"));
    for (const line of page.split("\n").filter((text) => text.startsWith("|")))
      expect(line.replaceAll("\\|", "").split("|").length).toBe(header?.split("|").length);
  });
  it("states that few rounds give no verdict, and the number of retries", () => {
    expect(page).toContain("3 rounds: an impression, not a verdict");
    expect(page).toContain("1 retries after deadlocks or lock waits");
  });
  it("names the cells that the plan measured in fewer rounds than the others", async () => {
    const naive = recordedCell({ strategy: "naive", orm: "mysql2", maxRounds: 1 });
    const samples = [recordedSample(naive, 1), ...[1, 2, 3, 4, 5, 6].map((round) => recordedSample(setBased, round))];
    const pageOf = async (cell: typeof naive) =>
      (await markdown.files(recordedRun([setBased, cell], samples, { rounds: 6 })))[0]?.content;
    expect(await pageOf(naive)).toContain(`- ${naive.id}: 1 of 6 rounds by plan, because a sample takes long.`);
    expect(await pageOf({ ...naive, maxRounds: null })).not.toContain("rounds by plan");
    expect(await pageOf({ ...naive, maxRounds: 6 })).not.toContain("rounds by plan");
  });
  it("explains the measurement when the run has more workers than cores", async () => {
    const crowded = recordedCell({ strategy: "chunked", orm: "mysql2", workers: 6 });
    const pageOf = async (cell: typeof raw) => (await markdown.files(recordedRun([cell], [recordedSample(cell, 1)])))[0]?.content;
    expect(await pageOf(crowded)).toContain("6 workers on 2 cores compete for CPU time");
    expect(await pageOf({ ...crowded, workers: 2 })).not.toContain("workers on 2 cores");
  });
  it("says when samples are missing", async () => {
    expect((await markdown.files({ ...mixed, end: null }))[0]?.content).toContain("samples may be missing");
  });
});
