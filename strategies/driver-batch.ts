import { writeRowStatements } from "./row-statements.ts";
import type { Strategy } from "./strategy.ts";

/** One statement per row like `naive`, without a wait for each answer. The difference is the cost of the round trips. */
export const strategy: Strategy = {
  id: "driver-batch",
  summary: "one statement per row, sent in batches by the driver, one transaction per chunk of users",
  requires: ["statement-batch"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",

  run: (context) => writeRowStatements(context, (tx, sql, paramSets) => tx.executeBatch?.(sql, paramSets)),
};
