/** What must hold after a run, whatever happened in it: one file per rule in rules/, each exporting `rule`. */
import { isDeepStrictEqual } from "node:util";
import type { Connection } from "../lib/connection.ts";
import type { CheckedBatch } from "./batch.ts";
import type { HistoryEntry } from "./history.ts";
import type { LogRow, InboxRow } from "./state.ts";

export interface CheckContext {
  /** to the database, after everybody has left it */
  readonly connection: Connection;
  readonly history: readonly HistoryEntry[];
  /** all of them, also those that share a token */
  readonly logRows: readonly LogRow[];
  /** by token */
  readonly log: ReadonlyMap<string, LogRow>;
  /** by token */
  readonly inbox: ReadonlyMap<string, InboxRow>;
  /** the last batch that was started; null: none was */
  readonly batch: CheckedBatch | null;
}

export interface Rule {
  readonly id: string;
  /** what holds, in a sentence */
  readonly says: string;
  /** @returns each violation in a line, with the values seen */
  violations(context: CheckContext): Promise<readonly string[]> | readonly string[];
}

/** A write in a few words. */
export const named = ({ token, userId, kind }: Pick<HistoryEntry, "token" | "userId" | "kind">): string =>
  `${kind} ${token} of user ${userId}`;

/** What came of a token is the write that was sent under it. */
export const isAsSent = (row: LogRow, { userId, kind, body }: HistoryEntry): boolean =>
  row.userId === userId && row.kind === kind && isDeepStrictEqual(row.body, { ...body });

/** A log row in a few words. */
export const asLogged = ({ kind, userId, body }: LogRow): string => `${kind} of user ${userId}: ${JSON.stringify(body)}`;
