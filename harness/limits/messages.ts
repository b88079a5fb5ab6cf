/** Messages between `bench limits` and the process that sends the statements. */
import type { ConnectionPolicy } from "../../orms/orm.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import type { CellModules } from "../protocol.ts";
import type { Failure } from "./kinds.ts";

/** The work of the process: one update of many rows without the split of `bench`, or all writes of one chunk. */
export type Operation = "statement" | "chunk";

export type ToAttempts =
  | {
      readonly type: "open";
      readonly modules: CellModules;
      readonly target: ConnectionTarget;
      readonly connection: ConnectionPolicy;
    }
  | { readonly type: "try"; readonly userIds: UserIds };

/** The users of an attempt, in order: existing ones, ids without a row, existing ones. */
export interface UserIds {
  readonly first: readonly number[];
  readonly missingFrom: number;
  readonly missing: number;
  readonly last: readonly number[];
}

export interface Sent {
  readonly ms: number;
  /** on the connections of the process, from the first write to the end; null: the library refused to send the statement */
  readonly bytes: number | null;
  /** of the statement with the most; null: hidden inside of the library */
  readonly placeholders: number | null;
}

export type FromAttempts =
  | { readonly type: "opened"; readonly operation: Operation }
  /** failure: null if the server took everything */
  | { readonly type: "tried"; readonly sent: Sent; readonly failure: Failure | null }
  | { readonly type: "failed"; readonly message: string };
