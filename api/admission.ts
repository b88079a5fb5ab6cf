/**
 * So many requests at a time; the next one is answered 503 before its body is read. Counting what is at work shows a lack of
 * connections as well as one of processor time, and at once: event-loop delay and memory, which libraries for this purpose
 * look at, stay low while every request waits for the database.
 */
import type { FastifyRequest } from "fastify";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Metrics } from "./metrics.ts";
import { ApiProblem } from "./problems.ts";
import { RETRY_AFTER_SECONDS } from "./routes/answer.ts";
import type { Api } from "./routes/context.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** answered however busy the service is */
    isProbe?: boolean;
  }
}

/** @returns how many are at work */
export function limitInFlight(app: Api, max: number, metrics: Metrics): () => number {
  const admitted = new Map<FastifyRequest, "waits" | "handled">();
  const isFull = (): boolean => admitted.size >= max;
  const problem = new ApiProblem("shed", `${max} requests are at work already`);
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
  // when the answer is made, and not when it is sent: a client that has left does not end the work on its request
  app.addHook("onSend", async (request) => void admitted.delete(request));
  // ... but for one that left, or was cut off, before its body was there, which nobody will ever answer
  app.addHook("onRequestAbort", async (request) => {
    if (admitted.get(request) === "waits") admitted.delete(request);
  });
  shedEarly(app, isFull, metrics, problem);
  return () => admitted.size;
}

/**
 * Ahead of the framework: what is not served should cost next to nothing, or the rest would be served more slowly the more is
 * refused. The hook above says the same on servers that the framework adds by itself, for a second address of a host name.
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
