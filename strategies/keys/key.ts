import type { KeyStorage } from "../../workload/tables.ts";

/** A kind of surrogate key for the two growing tables. One file per kind in this folder; each exports `key`. */
export interface KeyScheme {
  readonly id: string;
  /** one line for `bench list` */
  readonly summary: string;
  readonly storage: KeyStorage;
  /** Makes the next key in the client. Absent: the server numbers the rows. */
  readonly next?: () => Uint8Array<ArrayBuffer>;
  /**
   * The same kind of key made by the server, for statements that insert what they select.
   * @param rowNumber SQL for the row's number, counted from 1
   */
  readonly sqlExpression?: (rowNumber: string) => string;
  /** What `id` must satisfy besides being unique: checked by the harness after every sample. */
  readonly check: {
    /** SQL condition on `id` that every row must meet */
    readonly everyRow: string;
    /** whether rows of users in id order must also have ascending keys, as time-ordered keys do */
    readonly ordered: boolean;
  };
}
