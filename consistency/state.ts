/** The writes in the database: rows of the service's documented tables. */
import { select, type Connection } from "../lib/connection.ts";

export interface LogRow {
  readonly logId: number;
  readonly token: string;
  readonly userId: number;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly via: "direct" | "inbox";
  readonly outcome: "applied" | "refused";
  readonly response: Readonly<Record<string, unknown>>;
}

export interface InboxRow {
  readonly token: string;
  readonly userId: number;
  readonly status: "pending" | "applied" | "refused";
}

const TOKEN = (column: string): string => `LOWER(BIN_TO_UUID(${column}))`;

/** The driver returns JSON columns parsed or as text. */
const json = (value: unknown): Record<string, unknown> =>
  (typeof value === "string" ? JSON.parse(value) : value) as Record<string, unknown>;

export const byToken = <Row extends { readonly token: string }>(rows: readonly Row[]): Map<string, Row> =>
  new Map(rows.map((row) => [row.token, row]));

/** All rows. Only the service's unique key keeps tokens distinct, and this checker does not trust the key. */
export async function readLog(connection: Connection): Promise<LogRow[]> {
  const rows = await select<Omit<LogRow, "body" | "response"> & { body: unknown; response: unknown }>(
    connection,
    `SELECT log_id AS logId, ${TOKEN("token")} AS token, user_id AS userId, kind, body, via, outcome, response FROM write_log`,
  );
  return rows.map((row) => ({ ...row, body: json(row.body), response: json(row.response) }));
}

export async function readInbox(connection: Connection): Promise<Map<string, InboxRow>> {
  return byToken(
    await select<InboxRow>(connection, `SELECT ${TOKEN("request_id")} AS token, user_id AS userId, status FROM inbox`),
  );
}
