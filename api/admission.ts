/**
 * Limits how many requests the service works on at a time. It answers further requests with 503 before it reads their
 * bodies.
 * The count of requests in flight shows a lack of connections and of processor time at once. Event-loop delay and memory,
 * which load-shedding libraries measure, stay low while every request waits for the database.
 */
import type { FastifyRequest } from "fastify";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Metrics } from "./metrics.ts";
import { ApiProblem } from "./problems.ts";
import { RETRY_AFTER_SECONDS } from "./routes/answer.ts";
import type { Api } from "./routes/context.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** true: the limit does not apply to this route */
    isProbe?: boolean;
  }
}

/** @returns a function that returns the number of requests in flight */
export function limitInFlight(app: Api, max: number, metrics: Metrics): () => number {
  const admitted = new Map<FastifyRequest, "waits" | "handled">();
  const isFull = (): boolean => admitted.size >= max;
  const problem = new ApiProblem("shed", `the service already works on ${max} requests`);
  app.addHook("onRequest", async (request) => {
    if (request.routeOptions.config.isProbe === true) return;
    if (isFull()) {
      metrics.shed.inc();
      throw problem;
    }
    admitted.set(request, "waits");
  });
  app.addHook("preHandler", async (request) => {
    if (admitted.has(request)) admitted.set(request, "handled");
  });
  // onSend runs when the answer exists. A later hook would not run for a disconnected client, and its request would count
  // forever.
  app.addHook("onSend", async (request) => void admitted.delete(request));
  // A client that disconnects or times out before its body has arrived never gets an answer, so onSend does not run for it.
  app.addHook("onRequestAbort", async (request) => {
    if (admitted.get(request) === "waits") admitted.delete(request);
  });
  shedEarly(app, isFull, metrics, problem);
  return () => admitted.size;
}

/**
 * Refuses requests ahead of the framework. A refusal must cost next to nothing, or refusals would slow down the requests
 * that the service accepts.
 * The hook above also covers the servers that the framework adds for a second address of a host name.
 */
function shedEarly(app: Api, isFull: () => boolean, metrics: Metrics, problem: ApiProblem): void {
  const probes = new Set<string>();
  app.addHook("onRoute", ({ url, config }) => {
    if (config?.isProbe === true) probes.add(url);
  });
  const body = Buffer.from(JSON.stringify(problem.document));
  const headers = {
    "content-type": "application/problem+json",
    "content-length": body.length,
    "retry-after": RETRY_AFTER_SECONDS,
    "cache-control": "no-store",
  };
  const served = app.server.listeners("request") as RequestListener[];
  app.server.removeAllListeners("request");
  app.server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (isFull() && !probes.has(request.url ?? "")) {
      metrics.shed.inc();
      response.writeHead(problem.status, headers).end(body);
    } else for (const serve of served) serve(request, response);
  });
}
