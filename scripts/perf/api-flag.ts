import { Hints } from "../../api/cluster/hints.ts";
import { below } from "../../fixtures/random.ts";
import { mulberry32 } from "../../lib/random.ts";
import { quantile } from "../../harness/statistics/quantiles.ts";
import { clockNs } from "../../lib/clock.ts";
import { datasetOf, medianTimeOf, type PerfMeasure } from "./lib/measure.ts";

const DECISIONS = 200_000;
const NS_PER_MS = 1e6;
/** As many dormant users as users of the batch, so that half of the requests are for users of the batch. */
const DORMANT_FRACTION = 1;
const P99 = 0.99;
/** The decision checks the lease, so the lease must outlast the measurement. */
const LEASE_MS = 600_000;
const BATCH = {
  batchId: 1,
  attempt: 1,
  status: "running",
  style: "chunked",
  targetDate: "2026-01-01",
  chunkUsers: 500,
  pauseMs: 0,
  isAlive: true,
} as const;

/** Times each decision separately, including the time of the clock call: a mean would hide the slow decisions. */
async function decisionTimes(flagged: number, seed: number): Promise<{ p50Ms: number; p99Ms: number; blocked: number }> {
  const hints = new Hints({
    memberId: "",
    leaseMs: LEASE_MS,
    areUsed: true,
    source: {
      readSteps: async () => [],
      readUsers: async () => [],
      readUndone: async () => Array.from({ length: flagged }, (_, index) => index + 1),
    },
    onDone() {},
    onNobody() {},
  });
  await hints.update({ batches: [BATCH], view: { members: [], index: -1 }, atMs: performance.now() });
  const users = flagged * (1 + DORMANT_FRACTION);
  const takenNs = new Float64Array(DECISIONS);
  let blocked = 0;
  for (let index = 0; index < DECISIONS; index += 1) {
    const userId = below(mulberry32(seed, index), users) + 1;
    const startedAt = clockNs();
    const isBlocked = hints.blocks(userId);
    takenNs[index] = Number(clockNs() - startedAt);
    if (isBlocked) blocked += 1;
  }
  const at = (fraction: number): number => (quantile(takenNs, fraction) ?? 0) / NS_PER_MS;
  return { p50Ms: at(0.5), p99Ms: at(P99), blocked };
}

export const measure: PerfMeasure = {
  id: "api-flag",
  what: "decision of the memory flag, p99",
  against: "nothing: each decision by itself",
  limit: 0.002,
  unit: "ms",

  async run(context) {
    const { users } = datasetOf(context);
    await decisionTimes(users, context.seed);
    const rounds: Awaited<ReturnType<typeof decisionTimes>>[] = [];
    for (let round = 1; round <= context.pairs; round += 1) {
      context.signal.throwIfAborted();
      rounds.push(await decisionTimes(users, context.seed + round));
    }
    const [first] = rounds;
    return {
      ...medianTimeOf(rounds.map(({ p99Ms }) => p99Ms)),
      note: `${users} users flagged, ${DECISIONS} decisions a round, of which ${first?.blocked ?? 0} said no in the first; the clock's own time is included.`,
      parts: [{ label: "p50", ...medianTimeOf(rounds.map(({ p50Ms }) => p50Ms)) }],
    };
  },
};
