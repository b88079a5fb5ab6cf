import { describe, expect, it } from "vitest";
import { evaluateReproduction } from "../../harness/compare/reproduce.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { recordedCell, recordedRun, recordedSample, timedOut, wrong } from "../support/records.ts";

const cell = recordedCell({ strategy: "chunked", orm: "prisma", chunkUsers: 500 });
const rounds = (wallMs: number, statements: number, of = cell) =>
  [1, 2, 3].map((round) => recordedSample(of, round, { wallMs: wallMs * round, statements }));
const recorded = (results: RunResults) => ({ results, cell, samples: results.samples });
const before = recordedRun([cell], rounds(1_000, 40));

describe("the reproduction of a cell", () => {
  it("differs only in time when the conditions are the same", () => {
    const again = evaluateReproduction(recorded(before), recordedRun([cell], rounds(1_500, 40)));
    expect(again).toMatchObject({ recordedMs: 2_000, nowMs: 3_000, ratio: 1.5, differing: [], statements: { change: "same" } });
  });

  it("lists every difference in machine, server, versions and cell settings", () => {
    const { environment } = before.run;
    const elsewhere = {
      ...environment,
      machine: { ...environment.machine, cpu: "Another CPU" },
      versions: { ...environment.versions, node: "26.0.0" },
      server: { ...environment.server, durability: "relaxed" as const },
    };
    const changed = { ...cell, limitMs: 5_000 };
    const now = recordedRun([changed], rounds(1_000, 41, changed), { environment: elsewhere });
    const { differing, statements } = evaluateReproduction(recorded(before), now);
    expect(differing.map(({ what }) => what).toSorted()).toEqual(["CPU", "durability", "the cell's limitMs", "version of node"]);
    expect(differing).toContainEqual({ what: "version of node", before: environment.versions["node"], now: "26.0.0" });
    expect(statements).toMatchObject({ base: 40, candidate: 41, change: "more" });
  });

  it("never mixes complete times with estimates of stopped samples", () => {
    const stopped = timedOut({ estimatedWallMs: 60_000 });
    const mixed = [{ wallMs: 10_000 }, { wallMs: 11_000 }, stopped, stopped].map((parts, index) =>
      recordedSample(cell, index + 1, parts),
    );
    const again = evaluateReproduction(recorded(recordedRun([cell], mixed)), recordedRun([cell], rounds(10_000, 40)));
    expect(again).toMatchObject({ recordedMs: 60_000, nowMs: 20_000, isEstimate: { recorded: true, now: false } });
  });

  it("has no ratio when one of the two results was wrong", () => {
    const failed = recordedRun([cell], [recordedSample(cell, 1, wrong("a row is missing"))]);
    expect(evaluateReproduction(recorded(before), failed)).toMatchObject({ nowMs: null, ratio: null });
  });
});
