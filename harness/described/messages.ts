/** Messages between the harness and the process that loads a user's plug-in: plain data. */
import type { PreparePlace } from "../../orms/orm.ts";

export type ToDescriber =
  /** @param exported names of the export, the first that exists counts */
  | {
      readonly type: "describe";
      readonly urls: readonly string[];
      readonly exported: readonly string[];
      readonly fields: readonly string[];
    }
  | { readonly type: "prepare"; readonly url: string; readonly place: PreparePlace | null };

/** An error of an import, as the fixes of load-failure.ts need it. */
export interface LoadError {
  readonly message: string;
  /** the message with its causes, on one line */
  readonly reason: string;
  readonly stack: string;
  /** of Node's own errors; empty for others */
  readonly code: string;
}

/** The fields of a plug-in: data, and names of those that are functions. Functions stay in the process. */
export interface DescribedFields {
  readonly data: Readonly<Record<string, unknown>>;
  readonly functions: readonly string[];
}

/** @typeParam `fields` is null without the export */
export type Loaded =
  | { readonly how: "loaded"; readonly fields: DescribedFields | null }
  | { readonly how: "broken"; readonly error: LoadError };

export type FromDescriber =
  | { readonly type: "described"; readonly loaded: readonly Loaded[] }
  | { readonly type: "prepared" }
  | { readonly type: "failed"; readonly message: string };
