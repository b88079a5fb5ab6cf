/** Settings that differ from Sequelize's defaults, and settings that readers of a result need. */
export const settings = {
  prepared: "create and update, also of many rows: execute, cached per connection by mysql2; everything else is text",
  maxPreparedStatements: 100,
  multipleStatements: "only for multi-statement",
  reads: "raw: true, which the documentation advises for many rows",
  logging: false,
  poolMin: "the size of the pool (default 0), so that Sequelize closes no idle connection before the clock starts",
  poolAcquireMs: "60000 (the default)",
  poolIdleMs: "10000 (the default)",
};
