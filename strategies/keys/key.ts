import type { ClientKey, KeyStorage } from "../../workload/tables.ts";

/** A kind of surrogate key for the two growing tables. One file per kind in this folder; each exports `key`. */
export interface KeyScheme {
  readonly id: string;
  /** one line for `bench list` */
  readonly summary: string;
  readonly storage: KeyStorage;
  /** Generates the next key in the client. Absent: the server generates the key. */
  readonly next?: () => ClientKey;
  /**
   * SQL that generates the same kind of key in the server, for statements that insert the rows that they select.
   * @param rowNumber SQL for the row's number, counted from 1
   */
  readonly sqlExpression?: (rowNumber: string) => string;
  /** Conditions for `id` in addition to uniqueness. The harness checks them after every sample. */
  readonly check: {
    /** SQL condition on `id` that every row must meet */
    readonly everyRow: string;
    /** whether ascending user ids must also have ascending keys, as time-ordered keys have */
    readonly ordered: boolean;
  };
}
