/** The run that both measures of ten times the data share: the same cells with the data once, then with ten times the data. */
import { DEFAULT_CHUNK_USERS } from "../../../harness/plan/cell.ts";
import { planCells } from "../../../harness/plan/cells.ts";
import type { SampleRecord } from "../../../harness/results/records.ts";
import { datasetOf, highest, ratioOf, type Outcome, type PerfContext } from "./measure.ts";
import { runCells } from "./run-cells.ts";

const TIMES = 10;
const TECHNIQUES = ["chunked", "case-when", "load-data", "set-based"];

interface Sizes {
  readonly once: readonly SampleRecord[];
  readonly tenfold: readonly SampleRecord[];
}

async function takeSizes(context: PerfContext): Promise<Sizes> {
  const cells = await planCells([
    { strategies: TECHNIQUES, orms: ["mysql2"], keys: ["identity"], chunkUsers: [DEFAULT_CHUNK_USERS] },
  ]);
  // one size after the other: a change of the size loads the data again
  const once = await runCells(context, { cells, dataset: datasetOf(context), name: "scale-1" });
  const tenfold = await runCells(context, { cells, dataset: datasetOf(context, TIMES), name: "scale-10" });
  return { once: once.samples, tenfold: tenfold.samples };
}

const taken = new WeakMap<PerfContext, Promise<Sizes>>();

function sizesOf(context: PerfContext): Promise<Sizes> {
  const sizes = taken.get(context) ?? takeSizes(context);
  taken.set(context, sizes);
  return sizes;
}

/** @throws when a sample has no value, because it was wrong, failed or skipped */
function valueOf(sample: SampleRecord | undefined, field: "wallMs" | "peakRssBytes", technique: string): number {
  const value = sample?.status === "ok" ? sample[field] : null;
  if (value === null || value === undefined) throw new Error(`${technique}: ${sample?.reason ?? "no value"}`);
  return value;
}

/** The technique whose time or memory grows most from the data once to ten times the data. */
export async function atTenfold(context: PerfContext, field: "wallMs" | "peakRssBytes"): Promise<Outcome> {
  const { once, tenfold } = await sizesOf(context);
  const parts = TECHNIQUES.map((technique) => {
    const pairs = tenfold
      .filter(({ cell }) => cell.strategy === technique)
      .map((large) => {
        const small = once.find(({ cell, round }) => cell.strategy === technique && round === large.round);
        return { base: valueOf(small, field, technique), candidate: valueOf(large, field, technique) };
      });
    return { label: `${technique}/mysql2`, ...ratioOf(pairs, field === "wallMs" ? "ms" : "bytes") };
  });
  const worst = highest(parts);
  const { users, orders } = datasetOf(context);
  return {
    ...worst,
    note: `Worst: ${worst.label}. 1x is ${users.toLocaleString("en")} users and ${orders.toLocaleString("en")} orders. All rounds of one size follow all rounds of the other, so drift of the machine is in the ratio.`,
    parts,
  };
}
