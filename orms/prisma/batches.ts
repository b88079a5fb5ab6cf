/** Prisma's array transactions, `$transaction([...])`: all queries are known before the client sends the first one. */
import { explainHangUp } from "../hang-up.ts";
import { PrismaClient, type Prisma } from "./generated/client.ts";
import { modelsOf, type Models } from "./models.ts";
import type { PrismaSession } from "./session.ts";

export interface Batches {
  /** create the queries */
  readonly models: Models;
  /** runs the queries in order, all or none */
  commit(queries: readonly Prisma.PrismaPromise<unknown>[]): Promise<void>;
}

/**
 * Uses a second client on the session's connections, without a plan cache. With its default cache, Prisma keeps the plans of
 * 1,000 batches of any size. It never reuses one, because no two batches are equal: 130 KiB for each user of this job.
 */
export function batchesOf(session: PrismaSession): Batches {
  const batches = opened.get(session) ?? open(session);
  opened.set(session, batches);
  return batches;
}

const opened = new WeakMap<PrismaSession, Batches>();

function open({ root, storage }: PrismaSession): Batches {
  if (root === undefined) throw new Error("a session cannot start a transaction inside a transaction");
  const client = new PrismaClient({ ...root.clientOptions, queryPlanCacheMaxSize: 0 });
  return {
    models: modelsOf(client, storage),
    commit: async (queries) => {
      await explainHangUp(queries.length, client.$transaction([...queries]), "queries in one transaction");
    },
  };
}
