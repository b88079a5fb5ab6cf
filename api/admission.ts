/**
 * So many requests at a time; the next one is answered 503 before its body is read. Counting what is at work shows a lack of
 * connections as well as one of processor time, and at once: event-loop delay and memory, which libraries for this purpose
 * look at, stay low while every request waits for the database.
 */
import type { FastifyRequest } from "fastify";
import type { Metrics } from "./metrics.ts";
import { ApiProblem } from "./problems.ts";
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
  app.addHook("onRequest", async (request) => {
    if (request.routeOptions.config.isProbe === true) return;
    if (admitted.size >= max) {
      metrics.shed.inc();
      throw new ApiProblem("shed", `${max} requests are at work already`);
    }
    admitted.set(request, "waits");
  });
  app.addHook("preHandler", async (request) => {
    if (admitted.has(request)) admitted.set(request, "handled");
  });
  // when the answer is made, and not when it is sent: a client that has left does not end the work on its request
  app.addHook("onSend", async (request) => void admitted.delete(request));
  // ... but for one that left before its body was there, which nobody will ever answer
  app.addHook("onRequestAbort", async (request) => {
    if (admitted.get(request) === "waits") admitted.delete(request);
  });
  return () => admitted.size;
}
