/** Options of the MariaDB connector for both libraries that use it. */

/**
 * The default of the connector is 1 s for the whole login, which takes 3.5 round trips: cells behind `--add-rtt 300ms` could not connect.
 * More than the 10 s for which its pool waits has no effect. All connections open before the clock starts.
 */
export const CONNECT_TIMEOUT_MS = 10_000;
