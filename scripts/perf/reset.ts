import { ensureDataset } from "../../fixtures/index.ts";
import { clockMs } from "../../lib/clock.ts";
import { openDurability } from "../../harness/server-state/durability-settings.ts";
import { ensureOracle } from "../../harness/verify/oracle.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { resetOutputs } from "../../harness/server-state/reset.ts";
import { NO_PROBES } from "../../harness/probes/server/index.ts";
import { openRoutes } from "../../harness/rtt/index.ts";
import { takeSample } from "../../harness/run/sampler.ts";
import { openWorkspace } from "../../harness/run/workspace.ts";
import { datasetOf, ratioOf, type PerfMeasure } from "./lib/measure.ts";
import { temporarySchema } from "./lib/schemas.ts";

export const measure: PerfMeasure = {
  id: "reset",
  what: "reset between samples",
  against: "the set-based job",
  limit: 0.15,
  unit: "x",

  async run(context) {
    const { database, log, signal } = context;
    const parameters = datasetOf(context);
    await using schema = await temporarySchema(database.target, "reset");
    const dataset = await ensureDataset(schema.target, parameters, { log });
    await using workspace = await openWorkspace(schema.target, log, signal);
    await using durability = await openDurability(workspace.admin, database.owned);
    await using routes = await openRoutes(schema.target, [], log);
    await ensureOracle(workspace.admin, dataset.contentHash, log);
    const [cell] = await planCells([{ strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] }]);
    if (cell === undefined) throw new Error("set-based/mysql2 is no cell");

    const pairs: { base: number; candidate: number }[] = [];
    // The order is not random: a reset has work only after a job.
    for (let pair = 0; pair <= context.pairs; pair += 1) {
      signal.throwIfAborted();
      const { result: sample } = await takeSample(cell, pair + 1, {
        workspace,
        probes: NO_PROBES,
        routes,
        durability,
        users: { firstUserId: 1, lastUserId: parameters.users },
        activeUsers: parameters.users,
        paidOrders: 0,
        onPhase() {},
        onProgress() {},
        onWarning: (warning) => log.warn(`reset: ${warning}`),
        signal,
      });
      if (sample.wallMs === null) throw new Error(`set-based/mysql2: ${sample.reason ?? sample.status}`);
      const resetFrom = clockMs();
      await resetOutputs(workspace.resetter);
      const candidate = clockMs() - resetFrom;
      log.info(`reset: ${pair === 0 ? "warm-up" : `pair ${pair} of ${context.pairs}`}`);
      if (pair > 0) pairs.push({ base: sample.wallMs, candidate });
    }
    return {
      ...ratioOf(pairs, "ms"),
      note: "The job is a whole verified sample, timed as in a run; the reset is what stands before the next one: output tables emptied, badges refilled and users set back from the snapshots, without waiting for a quiet server in between.",
      parts: [],
    };
  },
};
