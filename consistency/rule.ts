/** A rule states what must hold after every run. Each file in rules/ exports one as `rule`. */
import { isDeepStrictEqual } from "node:util";
import type { Connection } from "../lib/connection.ts";
import type { CheckedBatch } from "./batch.ts";
import type { HistoryEntry } from "./history.ts";
import type { LogRow, InboxRow } from "./state.ts";

export interface CheckContext {
  /** to the database, after all clients have disconnected */
  readonly connection: Connection;
  readonly history: readonly HistoryEntry[];
  /** all log rows, including rows with the same token */
  readonly logRows: readonly LogRow[];
  /** by token */
  readonly log: ReadonlyMap<string, LogRow>;
  /** by token */
  readonly inbox: ReadonlyMap<string, InboxRow>;
  /** the last batch that a client started; null: no batch */
  readonly batch: CheckedBatch | null;
}

export interface Rule {
  readonly id: string;
  /** the rule in one sentence */
  readonly says: string;
  /** @returns one line per violation, with the values seen */
  violations(context: CheckContext): Promise<readonly string[]> | readonly string[];
}

/** A short description of a write. */
export const named = ({ token, userId, kind }: Pick<HistoryEntry, "token" | "userId" | "kind">): string =>
  `${kind} ${token} of user ${userId}`;

/** @returns true if a log row describes the write that a client sent under its token */
export const isAsSent = (row: LogRow, { userId, kind, body }: HistoryEntry): boolean =>
  row.userId === userId && row.kind === kind && isDeepStrictEqual(row.body, { ...body });

/** A short description of a log row. */
export const asLogged = ({ kind, userId, body }: LogRow): string => `${kind} of user ${userId}: ${JSON.stringify(body)}`;
