/** Options of mysql2 connections for all libraries that use this driver. */
import { mysql2Tls } from "../lib/tls.ts";
import type { ConnectionTarget } from "../lib/target.ts";

/**
 * The default of mysql2 is 10 s: on a machine with 20 processes on 2 cores an honest sample failed with "connect ETIMEDOUT". bench limits
 * the time until a process is ready by the load of the machine.
 */
const CONNECT_TIMEOUT_MS = 120_000;

export const mysql2Options = (target: ConnectionTarget) => ({ ...mysql2Tls(target), connectTimeout: CONNECT_TIMEOUT_MS });
