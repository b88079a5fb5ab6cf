/** Prisma's other kind of transaction, `$transaction([...])`: of queries that are all known before the first one is sent. */
import { explainHangUp } from "../hang-up.ts";
import { PrismaClient, type Prisma } from "./generated/client.ts";
import { modelsOf, type Models } from "./models.ts";
import type { PrismaSession } from "./session.ts";

export interface Batches {
  /** makes the queries */
  readonly models: Models;
  /** in order, all of them or none */
  commit(queries: readonly Prisma.PrismaPromise<unknown>[]): Promise<void>;
}

/**
 * By a second client on the session's connections, which keeps no plans. With its usual cache Prisma keeps the plans of 1,000
 * batches, however large, and finds none of them again, because no two are alike: 130 KiB for each user of this job.
 */
export function batchesOf(session: PrismaSession): Batches {
  const batches = opened.get(session) ?? open(session);
  opened.set(session, batches);
  return batches;
}

const opened = new WeakMap<PrismaSession, Batches>();

function open({ root, storage }: PrismaSession): Batches {
  if (root === undefined) throw new Error("a transaction inside a transaction");
  const client = new PrismaClient({ ...root.clientOptions, queryPlanCacheMaxSize: 0 });
  return {
    models: modelsOf(client, storage),
    commit: async (queries) => {
      await explainHangUp(queries.length, client.$transaction([...queries]), "queries in one transaction");
    },
  };
}
