import type { Connection } from "../../../lib/connection.ts";
import type { KeyScheme } from "../../../strategies/keys/key.ts";
import type { Prefilled } from "../../verify/prefilled.ts";

/** The rows of earlier runs of one kind. */
export interface Kind {
  readonly times: number;
  readonly key: KeyScheme;
}

/** Keeps the earlier rows of one kind, and restores them to the same pages before each sample. */
export interface Store {
  readonly prefilled: Prefilled;
  /** Fills the growing tables, which are empty. */
  restore(connection: Connection): Promise<void>;
}

/** @param onRun called after each run of each table */
export type BuildStore = (connection: Connection, kind: Kind, onRun: () => void) => Promise<Store>;
