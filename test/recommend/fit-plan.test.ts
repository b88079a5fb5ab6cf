import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerOf } from "../../harness/recommend/answer.ts";
import { fitCellsOf, planFit, type FitCell } from "../../harness/recommend/fit-plan.ts";
import { timedOut } from "../support/records.ts";
import { around, evidence, known, question } from "./evidence.ts";

const smallest = { users: 100, orders: 500 };
const cellOf = (ms: number): FitCell => ({
  strategy: `takes-${ms}`,
  chunkUsers: 500,
  workers: 1,
  parallel: null,
  split: null,
  expected: { ms, orders: 1_000_000 },
  isRowByRow: false,
});

describe("the plan of a measurement within a time limit", () => {
  it("expects less than the limit, and never more data than the question has", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1_000, max: 200_000 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 60_000, max: 3_600_000 }),
        fc.integer({ min: 10_000, max: 5_000_000 }),
        (times, limitMs, orders) => {
          const plan = planFit(times.map(cellOf), { orders, users: Math.round(orders * 0.03), smallest, limitMs });
          if (plan === null) return;
          expect(plan.expectedMs).toBeLessThan(limitMs);
          expect(plan.orders).toBeLessThanOrEqual(orders);
          expect(plan.orders).toBeGreaterThanOrEqual(smallest.orders);
          expect(plan.users).toBeGreaterThanOrEqual(smallest.users);
          expect(plan.rounds).toBeGreaterThanOrEqual(3);
        },
      ),
    );
  });

  it("takes all data and six rounds when the limit allows them", () => {
    const plan = planFit([cellOf(10_000)], { orders: 1_000_000, users: 30_000, smallest, limitMs: 600_000 });
    expect(plan).toMatchObject({ rounds: 6, orders: 1_000_000, users: 30_000 });
  });

  it("gives up rounds before it gives up most of the data", () => {
    const plan = planFit([cellOf(60_000), cellOf(60_000)], { orders: 1_000_000, users: 30_000, smallest, limitMs: 300_000 });
    expect(plan?.rounds).toBeLessThan(6);
    expect(plan?.orders).toBeGreaterThanOrEqual(250_000);
  });

  it("does not exist when the limit is too short for three rounds of the smallest data", () => {
    expect(planFit([cellOf(10_000)], { orders: 1_000_000, users: 30_000, smallest, limitMs: 20_000 })).toBeNull();
  });

  it("contains one cell of each kind, the most promising one, and row-by-row code: at most four", () => {
    const technique = (strategy: string, orm: string, ms: number, chunkUsers = 500) => ({
      cell: { strategy, orm, chunkUsers },
      wallMs: around(ms),
    });
    const run = evidence("run", [
      technique("a", "lib", 1_000),
      technique("a", "lib", 1_100, 1_000),
      technique("b", "lib", 2_000),
      technique("c", "lib", 3_000),
      { cell: { strategy: "naive", orm: "lib" }, wallMs: [0], sample: timedOut() },
      technique("a", "driver", 1_000),
      technique("new", "driver", 500),
    ]);
    const cells = fitCellsOf(answerOf([run], question(), known()));
    expect(cells.map(({ strategy, chunkUsers }) => [strategy, chunkUsers])).toEqual([
      ["a", 500],
      ["b", 500],
      ["new", 500],
      ["naive", null],
    ]);
  });

  it("divides the users between workers as the stored cell did", () => {
    const divided = { workers: 6, parallel: "connections", split: "modulo" } as const;
    const run = evidence("run", [{ cell: { strategy: "a", orm: "lib", chunkUsers: 500, ...divided }, wallMs: around(1_000) }]);
    expect(fitCellsOf(answerOf([run], question(), known()))).toMatchObject([divided]);
  });
});
