import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSchema } from "../../fixtures/index.ts";
import { connect, execute, identifier, keepIn } from "../../lib/connection.ts";
import { requireSchemaLock } from "../../lib/schema-lock.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { ratioInterval } from "../statistics/signed-rank.ts";
import { groupsOfSuite, planCells } from "../plan/cells.ts";
import { readRecords, RECORDS_FILE, type RunResults } from "../results/records.ts";
import { findPlugIn, TREE_URL } from "../registry.ts";
import { executeRun } from "../run/runner.ts";
import { roughPercent } from "../text/format.ts";
import { logSpread, pairsByRound, type Pair } from "../statistics/pairs.ts";
import { good, unreliable, type Check, type CheckContext, type Finding } from "./check.ts";

const SUITE = "noise";
const ROUNDS = 10;
/** A hundredth of the default data: the job takes 0.1 s. */
const DATA = { users: 300, orders: 10_000, dormantUsers: 0, dataSeed: 1 };
const CONFIDENCE = 0.98;
/** The default threshold of comparisons, which a gate must resolve. */
const WANTED = 0.05;

export interface NoiseFloor {
  /** median of |ln(b / a)| over pairs of identical runs, as a fraction: half of the pairs differ by more */
  readonly typicalDifference: number;
  /** half-width of the interval of the ratio, as a fraction; null with too few pairs */
  readonly intervalFraction: number | null;
  /** pairs needed for an interval with a half-width of 5 %; the width falls with the square root of the pairs */
  readonly pairsForFivePercent: number | null;
}

/** @param pairs times in ms of two runs of the same code */
export function noiseFloor(pairs: readonly Pair[]): NoiseFloor {
  const interval = ratioInterval(pairs, CONFIDENCE);
  const intervalFraction = interval === null ? null : Math.log(interval.high / interval.low) / 2;
  return {
    typicalDifference: Math.expm1(logSpread(pairs)),
    intervalFraction,
    pairsForFivePercent:
      intervalFraction === null ? null : Math.ceil(pairs.length * Math.max(1, (intervalFraction / WANTED) ** 2)),
  };
}

/** Pairs by round. Both sides run the same tree, so the machine causes all differences. */
function pairsOf({ samples }: RunResults): Pair[] {
  const of = (side: "base" | "head") => samples.filter(({ cell }) => cell.side === side);
  return pairsByRound(of("base"), of("head"));
}

/**
 * Takes the schema of the measurement; the returned stack drops it. The checks come first, so that bench never drops a foreign
 * schema or one that another bench uses.
 * @throws BenchError FOREIGN_SCHEMA, MISSING_GRANT, SCHEMA_BUSY
 */
async function ownSchema(target: ConnectionTarget): Promise<AsyncDisposableStack> {
  await using stack = new AsyncDisposableStack();
  const connection = keepIn(stack, await connect(target, { withSchema: false }));
  // the run locks the schema only while it lasts; this second lock keeps another doctor out until the schema is dropped
  await requireSchemaLock(connection, { ...target, schema: `${target.schema}_noise` });
  await ensureSchema(connection, target.schema);
  stack.defer(() => execute(connection, `DROP DATABASE IF EXISTS ${identifier(target.schema)}`).then(() => undefined));
  return stack.move();
}

/** Measures the same code as two sides in a schema that is dropped afterwards. */
export async function measureNoise(
  { database, log, signal }: Pick<CheckContext, "database" | "log" | "signal">,
  rounds: number,
): Promise<Finding[]> {
  const groups = await groupsOfSuite((await findPlugIn("suite", SUITE)).value);
  const sides = await Promise.all((["base", "head"] as const).map((side) => planCells(groups, { treeUrl: TREE_URL, side })));
  const target = { ...database.target, schema: `${database.target.schema}_doctor` };
  await using _schema = await ownSchema(target);
  const folder = await mkdtemp(join(tmpdir(), "bench-doctor-"));
  try {
    await executeRun(
      {
        cells: sides.flat(),
        rounds,
        orderSeed: 1,
        suite: null,
        timeline: null,
        dataset: DATA,
        database: { kind: "url", target, hasPassword: true },
        runId: "doctor",
        startedAt: new Date(),
        folder,
        continued: null,
      },
      { log, signal },
    );
    const results = await readRecords(join(folder, RECORDS_FILE));
    const pairs = pairsOf(results);
    if (pairs.length === 0) {
      const reason = results.samples.find((sample) => sample.reason !== null)?.reason ?? "the run has no pair of samples";
      return [unreliable(`no noise floor: ${reason}`, "run the suite noise for details: bench run --suite noise", {})];
    }
    const { typicalDifference, intervalFraction, pairsForFivePercent } = noiseFloor(pairs);
    const values = { typicalDifference, intervalFraction, pairsForFivePercent };
    const seen = `two runs of the same code differ by ${roughPercent(typicalDifference)} (median of ${rounds} pairs)`;
    if (intervalFraction === null || pairsForFivePercent === null)
      return [unreliable(`${seen}, too few pairs for an interval`, "run `bench doctor` again", values)];
    return [
      intervalFraction <= WANTED
        ? good(`${seen}: ${rounds} rounds resolve a difference of ${roughPercent(intervalFraction)}`, values)
        : unreliable(
            `${seen}: ${rounds} rounds resolve a difference of ${roughPercent(intervalFraction)}, not of 5 %`,
            `run about ${pairsForFivePercent} rounds, or use a quieter machine`,
            values,
          ),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const check: Check = {
  id: "noise",
  title: "Noise floor",
  isSlow: true,
  run: (context) => measureNoise(context, ROUNDS),
};
