import { writeRowStatements } from "./row-statements.ts";
import type { Strategy } from "./strategy.ts";

/** One statement per row, like `driver-batch`, as one text. The server parses each statement again. */
export const strategy: Strategy = {
  id: "multi-statement",
  summary: "one statement per row, up to 1,000 of them in one packet, one transaction per chunk of users",
  requires: ["multi-statements"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",

  run: (context) => writeRowStatements(context, (tx, sql, paramSets) => tx.executeMany?.(sql, paramSets)),
};
