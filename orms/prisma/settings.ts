/** Settings other than Prisma's defaults, and those that readers of a result must know. */
export const settings = {
  prepareCacheLength: "0 (the adapter's default: PREPARE, EXECUTE and CLOSE for every statement)",
  queryPlanCacheMaxSize: "1000 (the default); 0 for $transaction([...]), or Prisma keeps the plans of each batch",
  transactionTimeoutMs: 600_000,
};
