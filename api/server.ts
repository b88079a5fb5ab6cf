/** The service on a port. */
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { MetricObjectWithValues, MetricValue } from "prom-client";
import { buildApp } from "./app.ts";
import type { ApiOptions } from "./options.ts";

/** With the host as requested: a server on all interfaces must not look like one on loopback. */
function urlOf(host: string, address: AddressInfo | string | null): string {
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Instances in containers listen on all interfaces of their machines, and the members must differ for operators. */
const WILDCARDS = new Set(["0.0.0.0", "::"]);

export interface ApiServer {
  readonly url: string;
  /** the content of /metrics, without a request */
  readMetrics(): Promise<MetricObjectWithValues<MetricValue<string>>[]>;
  /** the process that runs a batch of the style `long` or `strategy`, null if none runs */
  batchProcessId(): number | null;
  /**
   * Ends the service in this order: /readyz answers 503, the port refuses new connections, the service answers the requests
   * in progress. Then the batch and the inbox each finish their current transaction, and the connections close. `closeMs` of the
   * options limits the time of all steps after the first one.
   * @param graceMs time between the first two steps, for a load balancer that polls /readyz
   */
  close(graceMs?: number): Promise<void>;
}

export async function startServer(options: ApiOptions): Promise<ApiServer> {
  const service = await buildApp(options);
  const { app } = service;
  const { host, port } = options;
  try {
    await app.listen({ host, port });
    const shownHost = WILDCARDS.has(host) ? hostname() : host;
    await service.join(options.address ?? urlOf(shownHost, app.server.address()));
  } catch (error) {
    await app.close();
    throw error;
  }
  return {
    url: urlOf(host, app.server.address()),
    readMetrics: () => service.metrics.registry.getMetricsAsJSON(),
    batchProcessId: () => service.batchProcessId(),
    async close(graceMs = 0) {
      service.startClosing();
      if (graceMs > 0) await delay(graceMs);
      await app.close();
    },
  };
}
