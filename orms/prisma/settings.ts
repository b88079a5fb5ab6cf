import { CONNECT_TIMEOUTS } from "../connect-timeouts.ts";

/** Settings that differ from Prisma's defaults, and settings that readers of a result need. */
export const settings = {
  connectTimeoutMs: CONNECT_TIMEOUTS.mariadb.setting,
  prepareCacheLength: "0 (the adapter's default: PREPARE, EXECUTE and CLOSE for every statement); 256 for the technique prepared",
  queryPlanCacheMaxSize: "1000 (the default); 0 for $transaction([...]), where Prisma would keep the plans of each batch",
  transactionTimeoutMs: 5_000,
  transactionMaxWaitMs: 2_000,
};

/** Prisma's documentation names both as options of the client. With the defaults, a transaction of more than 5 s fails (P2028). */
export const tuned = { transactionTimeoutMs: 600_000, transactionMaxWaitMs: 600_000, prepareCacheLength: 256 };
