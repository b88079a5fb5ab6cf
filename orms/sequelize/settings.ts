import { CONNECT_TIMEOUTS } from "../connect-timeouts.ts";

/** Settings that differ from Sequelize's defaults, and settings that readers of a result need. */
export const settings = {
  connectTimeoutMs: CONNECT_TIMEOUTS.mysql2.setting,
  prepared: "create and update, also of many rows: execute, cached per connection by mysql2; everything else is text",
  maxPreparedStatements: 16_000,
  multipleStatements: "only for multi-statement",
  reads: "raw: true, which the documentation advises for many rows",
  logging: false,
  poolMin: "the size of the pool (default 0), so that Sequelize closes no idle connection before the clock starts",
  poolAcquireMs: "60000 (the default)",
  poolIdleMs: "10000 (the default)",
};

/**
 * Each update of many keys is a new text, which client and server keep until mysql2 closes it. With its default, two connections can exceed
 * the 16,382 statements that a server keeps (error 1461).
 */
export const tuned = { maxPreparedStatements: 100 };
