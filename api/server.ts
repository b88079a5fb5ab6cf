/** The service on a port. */
import { setTimeout as delay } from "node:timers/promises";
import type { MetricObjectWithValues, MetricValue } from "prom-client";
import { buildApp } from "./app.ts";
import type { ApiOptions } from "./options.ts";

export interface ApiServer {
  readonly url: string;
  /** what /metrics shows, without a request */
  readMetrics(): Promise<MetricObjectWithValues<MetricValue<string>>[]>;
  /** of the process that runs a batch now */
  batchProcessId(): number | null;
  /**
   * Ends in good order: /readyz says no, new connections are refused, requests under way are answered, then the batch is stopped
   * after its transaction, the inbox after its own, and the connections are closed.
   * @param graceMs between the first two, for whoever asks /readyz before sending requests here
   */
  close(graceMs?: number): Promise<void>;
}

export async function startServer(options: ApiOptions): Promise<ApiServer> {
  const service = await buildApp(options);
  const { app, coordinator } = service;
  const { host, port } = options;
  let url: string;
  try {
    url = await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw error;
  }
  return {
    url,
    readMetrics: () => service.metrics.registry.getMetricsAsJSON(),
    batchProcessId: () => coordinator.processId,
    async close(graceMs = 0) {
      service.startClosing();
      if (graceMs > 0) await delay(graceMs);
      await app.close();
    },
  };
}
