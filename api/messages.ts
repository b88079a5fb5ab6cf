/** The messages between a server process and the process that started it. */
import type { MetricObjectWithValues, MetricValue } from "prom-client";
import type { ApiOptions } from "./options.ts";

export type ToServer =
  | { readonly type: "start"; readonly options: ApiOptions }
  | { readonly type: "read-metrics" }
  | { readonly type: "close" };

export type FromServer =
  | { readonly type: "ready"; readonly url: string; readonly pid: number }
  | { readonly type: "metrics"; readonly metrics: readonly MetricObjectWithValues<MetricValue<string>>[] }
  | { readonly type: "failed"; readonly message: string };
