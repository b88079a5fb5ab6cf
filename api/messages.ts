/** What a server process and whoever started it tell each other. */
import type { ApiOptions } from "./options.ts";

export type ToServer = { readonly type: "start"; readonly options: ApiOptions } | { readonly type: "close" };

export type FromServer =
  | { readonly type: "ready"; readonly url: string; readonly pid: number }
  | { readonly type: "failed"; readonly message: string };
