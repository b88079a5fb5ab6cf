/** The times that the trials promise, and the number of clusters. */
import { BenchError } from "../../lib/errors.ts";
import type { DatabaseSelector } from "../database/selector.ts";

/** Sessions of a silent member end after 5 s, and a member waits for its lease, a poll and a locked row. */
export const RECOVERY_LIMIT_MS = 15_000;
/** A run that has not ended in this time after the last act of the fault violates its invariant. */
export const LATE_MS = RECOVERY_LIMIT_MS + 1_000;
/** nginx waits 5.5 s for one instance, and repeats a read on another one. */
export const REQUEST_LIMIT_MS = 12_000;
/** Each cluster has a server, nginx and three members: on a busy machine live members look dead to each other. */
export const MAX_CLUSTERS = 16;

/** @throws BenchError BAD_OPTION for several clusters on one server: a fault that restarts it would hit all of them */
export function requireServers(database: DatabaseSelector, clusters: number): void {
  if (database.kind === "url" && clusters > 1)
    throw new BenchError(
      "BAD_OPTION",
      `cannot run ${clusters} clusters on the server of --db: each cluster needs a server`,
      "remove --clusters, or omit --db",
    );
}
