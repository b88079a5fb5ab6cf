/**
 * Timeouts of connecting, which differ from the drivers' defaults on every track. All connections open before the clock starts, so no time
 * depends on them. The settings of a library contain them, and `bench` records these.
 */

/**
 * The default of mysql2 is 10 s: on a machine with 20 processes on 2 cores an honest sample failed with "connect ETIMEDOUT". bench limits
 * the time until a process is ready by the load of the machine.
 */
const MYSQL2_MS = 120_000;

/**
 * The default of the MariaDB connector is 1 s for the whole login, which takes 3.5 round trips: cells behind `--add-rtt 300ms` could not
 * connect. More than the 10 s for which its pool waits has no effect.
 */
const MARIADB_MS = 10_000;

export const CONNECT_TIMEOUTS = {
  mysql2: { ms: MYSQL2_MS, setting: `${MYSQL2_MS} (the driver's default is 10000)` },
  mariadb: { ms: MARIADB_MS, setting: `${MARIADB_MS} (the driver's default is 1000)` },
} as const;
