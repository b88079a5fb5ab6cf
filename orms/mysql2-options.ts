/** Options of mysql2 connections for all libraries that use this driver. */
import { mysql2Tls } from "../lib/tls.ts";
import type { ConnectionTarget } from "../lib/target.ts";
import { CONNECT_TIMEOUTS } from "./connect-timeouts.ts";

export const mysql2Options = (target: ConnectionTarget) => ({ ...mysql2Tls(target), connectTimeout: CONNECT_TIMEOUTS.mysql2.ms });
