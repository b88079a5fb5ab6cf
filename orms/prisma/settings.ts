/** Settings that differ from Prisma's defaults, and settings that readers of a result need. */
export const settings = {
  prepareCacheLength: "0 (the adapter's default: PREPARE, EXECUTE and CLOSE for every statement); 256 for the technique prepared",
  queryPlanCacheMaxSize: "1000 (the default); 0 for $transaction([...]), where Prisma would keep the plans of each batch",
  transactionTimeoutMs: 600_000,
};
