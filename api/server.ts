/** The service on a port. */
import { setTimeout as delay } from "node:timers/promises";
import type { MetricObjectWithValues, MetricValue } from "prom-client";
import { buildApp } from "./app.ts";
import type { ApiOptions } from "./options.ts";

export interface ApiServer {
  readonly url: string;
  /** the content of /metrics, without a request */
  readMetrics(): Promise<MetricObjectWithValues<MetricValue<string>>[]>;
  /** the process that runs a batch of the style `long` or `strategy`, null if none runs */
  batchProcessId(): number | null;
  /**
   * Ends the service in this order: /readyz answers 503, the port refuses new connections, the service answers the requests
   * in progress. Then the batch and the inbox each finish their current transaction, and the connections close.
   * @param graceMs time between the first two steps, for a load balancer that polls /readyz
   */
  close(graceMs?: number): Promise<void>;
}

export async function startServer(options: ApiOptions): Promise<ApiServer> {
  const service = await buildApp(options);
  const { app } = service;
  const { host, port } = options;
  let url: string;
  try {
    url = await app.listen({ host, port });
    await service.join(options.address ?? url);
  } catch (error) {
    await app.close();
    throw error;
  }
  return {
    url,
    readMetrics: () => service.metrics.registry.getMetricsAsJSON(),
    batchProcessId: () => service.batchProcessId(),
    async close(graceMs = 0) {
      service.startClosing();
      if (graceMs > 0) await delay(graceMs);
      await app.close();
    },
  };
}
