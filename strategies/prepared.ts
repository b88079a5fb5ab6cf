import { writeRowStatements } from "./row-statements.ts";
import type { Strategy } from "./strategy.ts";

/** One statement per row, which waits for each answer. The server parses each kind of statement once per connection. */
export const strategy: Strategy = {
  id: "prepared",
  summary: "one statement per row, prepared once by the server and reused, one transaction per chunk of users",
  requires: ["prepared-statements"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-row",

  run: (context) => writeRowStatements(context, (tx, sql, paramSets) => tx.executePrepared?.(sql, paramSets)),
};
