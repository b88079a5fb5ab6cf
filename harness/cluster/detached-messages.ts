/** The messages between `bench api cluster up --detach` and the supervisor that it leaves behind. */
import type { ApiOptions } from "../../api/options.ts";
import type { ErrorCode } from "../../lib/errors.ts";
import type { DatabaseSelector } from "../database/index.ts";
import type { ClusterOptions } from "./cluster.ts";

/** The options contain a password and a token, so they go by message and not by arguments. */
export interface DetachedStart {
  readonly type: "start";
  readonly database: DatabaseSelector;
  /** the schema of the data on a server that bench manages */
  readonly schema: string;
  readonly cluster: Omit<ClusterOptions, "service">;
  /** without the target: the supervisor opens the database, so that a managed server runs as long as the supervisor */
  readonly service: Omit<ApiOptions, "target">;
}

export type FromSupervisor =
  | { readonly type: "started"; readonly url: string }
  | { readonly type: "refused"; readonly code: ErrorCode; readonly message: string; readonly fix: string | undefined };
