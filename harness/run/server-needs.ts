/** Compares the server with the needs of a technique. A cell that needs more becomes a `skipped` row with the reason and the fix. */
import { type Connection, selectIfAllowed, selectOne } from "../../lib/connection.ts";
import type { ServerNeeds } from "../../strategies/strategy.ts";
import { serverName } from "../text/format.ts";

export interface ServerFacts {
  /** as the server prints it, such as `8.4.6` or `10.11.11-MariaDB-log` */
  readonly version: string;
  /** global variables by name, upper-case values; absent: the server does not show it */
  readonly variables: Readonly<Partial<Record<(typeof VARIABLES)[number], string>>>;
}

const VARIABLES = ["local_infile", "log_bin", "binlog_format", "enforce_gtid_consistency"] as const;

export async function readServerFacts(connection: Connection): Promise<ServerFacts> {
  const { version } = await selectOne<{ version: string }>(connection, "SELECT VERSION() AS version");
  const names = VARIABLES.map((name) => `'${name}'`).join(", ");
  const rows = await selectIfAllowed<{ Variable_name: string; Value: string }>(
    connection,
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`,
  );
  return { version, variables: Object.fromEntries(rows.map((row) => [row.Variable_name, row.Value.toUpperCase()])) };
}

const numbersOf = (version: string): number[] => (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? "0").split(".").map(Number);

function isOlder(version: string, oldest: string): boolean {
  const [own, wanted] = [numbersOf(version), numbersOf(oldest)];
  const place = wanted.findIndex((number, index) => (own[index] ?? 0) !== number);
  return place !== -1 && (own[place] ?? 0) < (wanted[place] ?? 0);
}

export interface UnmetNeed {
  readonly reason: string;
  /** an imperative sentence without its point */
  readonly fix: string;
}

/** @returns null if the server can run the technique, or shows too little to decide */
export function unmetNeed(needs: ServerNeeds, server: ServerFacts): UnmetNeed | null {
  const { mysql, mariadb, localInfile, temporaryTables } = needs;
  const { local_infile, log_bin, binlog_format, enforce_gtid_consistency } = server.variables;
  const isMariadb = /mariadb/i.test(server.version);
  const name = serverName(server.version);
  if (isMariadb && mariadb === null) return { reason: `${name} lacks the SQL of this technique`, fix: "Use MySQL" };
  const oldest = isMariadb ? mariadb : mysql;
  if (typeof oldest === "string" && isOlder(server.version, oldest))
    return { reason: `${name} is too old for this technique`, fix: `Use ${isMariadb ? "MariaDB" : "MySQL"} ${oldest} or later` };
  if (localInfile === true && local_infile === "OFF")
    return { reason: "local_infile is OFF on the server", fix: "Run SET GLOBAL local_infile = 1" };
  // error 3748
  const forbidsTables = log_bin === "ON" && binlog_format === "STATEMENT" && enforce_gtid_consistency === "ON";
  if (temporaryTables === true && forbidsTables)
    return {
      reason: "with binlog_format STATEMENT and GTIDs, the server forbids temporary tables in a transaction",
      fix: "Run SET GLOBAL binlog_format = ROW",
    };
  return null;
}

export const skipText = ({ reason, fix }: UnmetNeed): string => `${reason}. ${fix}.`;
