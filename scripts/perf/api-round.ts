import { randomBytes } from "node:crypto";
import { readJob } from "../../api/batch/job.ts";
import { runRound } from "../../api/batch/round.ts";
import { selectTargets } from "../../api/batch/select.ts";
import { startBatch } from "../../api/batch/start.ts";
import { readUndone } from "../../api/batch/undone.ts";
import { Database } from "../../api/database/database.ts";
import { BATCH_SESSIONS } from "../../api/database/session-limits.ts";
import { DEFAULT_OPTIONS } from "../../api/options.ts";
import { createApiTables } from "../../api/tables.ts";
import { ensureDataset } from "../../fixtures/index.ts";
import { shuffled } from "../../harness/statistics/shuffle.ts";
import { clockMs } from "../../lib/clock.ts";
import { connect } from "../../lib/connection.ts";
import { runChunk } from "./lib/chunk.ts";
import { chunkUsersOf, datasetOf, ratioOf, type PerfMeasure } from "./lib/measure.ts";
import { temporarySchema } from "./lib/schemas.ts";

/** The first chunks compile code and fill the caches of statements. */
const WARM_UP_PAIRS = 2;

export const measure: PerfMeasure = {
  id: "api-round",
  what: "round of a cluster: chunk with markers, step and SKIP LOCKED",
  against: "a chunk of one process, which has the fence and neither markers nor steps",
  limit: 1.05,
  unit: "x",

  async run(context) {
    const { database: server, log, seed, signal } = context;
    await using schema = await temporarySchema(server.target, "round");
    await ensureDataset(schema.target, datasetOf(context), { log });
    const admin = await connect(schema.target);
    await createApiTables(admin);
    await admin.end();
    await using database = new Database({
      target: schema.target,
      connections: 1,
      waitMs: 60_000,
      lockWaitSeconds: 1,
      ...BATCH_SESSIONS,
      // The selection for a million orders takes seconds.
      statementMs: 600_000,
    });
    const targetDate = "2026-01-01";
    const chunkUsers = chunkUsersOf(context);
    const request = { targetDate, style: "chunked", chunkUsers, pauseMs: 0, abandon: false } as const;
    const claim = await startBatch(database, request, null);
    const job = await readJob(database, { ...claim, targetDate });
    await selectTargets(database, claim, job, null, DEFAULT_OPTIONS.selectMs);
    const undone = await readUndone(database, claim.batchId);
    const chunks = Array.from({ length: Math.floor(undone.length / chunkUsers) }, (_, index) =>
      undone.slice(index * chunkUsers, (index + 1) * chunkUsers),
    );
    const parts = { database, job, claim, member: randomBytes(16), flags: null };
    const round = async (userIds: readonly number[]): Promise<void> => {
      const committed = await runRound(parts, userIds, " SKIP LOCKED");
      if (committed.length !== userIds.length)
        throw new Error(`a round committed ${committed.length} of ${userIds.length} users`);
    };
    const chunk = (userIds: readonly number[]): Promise<void> => runChunk({ database, job, claim }, userIds);
    const timed = async (work: () => Promise<void>): Promise<number> => {
      const startedAt = clockMs();
      await work();
      return clockMs() - startedAt;
    };
    const pairs = [];
    for (let pair = 0; pair * 2 + 1 < chunks.length; pair += 1) {
      signal.throwIfAborted();
      const [one = [], other = []] = chunks.slice(pair * 2, pair * 2 + 2);
      const sides = shuffled(["round", "chunk"] as const, seed + pair);
      const times = { round: 0, chunk: 0 };
      for (const [index, side] of sides.entries()) {
        const userIds = index === 0 ? one : other;
        times[side] = await timed(() => (side === "round" ? round(userIds) : chunk(userIds)));
      }
      if (pair >= WARM_UP_PAIRS) pairs.push({ base: times.chunk, candidate: times.round });
    }
    return {
      ...ratioOf(pairs, "ms"),
      note: `${chunkUsers} users each, chunk by chunk in turn in one process, on one connection.`,
      parts: [],
    };
  },
};
