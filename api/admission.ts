/**
 * Limits how many requests the service works on at a time. It answers further requests with 503.
 * The count of requests in flight shows a lack of connections and of processor time at once. Event-loop delay and memory,
 * which load-shedding libraries measure, stay low while every request waits for the database.
 *
 * A request takes its place when its body is there. Otherwise 128 half-sent requests would shed all others until they time out;
 * the limit of connections bounds them.
 */
import type { FastifyRequest } from "fastify";
import type { FrontDoor } from "./front-door.ts";
import type { Metrics } from "./metrics.ts";
import { ApiProblem } from "./problems.ts";
import type { Api } from "./routes/context.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** true: a route for operators, with a separate limit */
    isProbe?: boolean;
  }
}

/** Of each path: more than one connection may have in progress, so that one client cannot refuse the probes of others. */
const MAX_PROBES = 64;

/** @returns a function that returns the number of requests in flight, without probes */
export function limitInFlight(app: Api, door: FrontDoor, max: number, metrics: Metrics): () => number {
  const requests = new Set<FastifyRequest>();
  /** by path */
  const probes = new Map<string, Set<FastifyRequest>>();
  const shed = new ApiProblem("shed", `the service already works on ${max} requests`);
  const shedProbe = new ApiProblem("shed", `the service already answers ${MAX_PROBES} of these probes`);
  const refusalOf = (path: string): ApiProblem | null => {
    const own = probes.get(path);
    if (own === undefined ? requests.size < max : own.size < MAX_PROBES) return null;
    metrics.shed.inc();
    return own === undefined ? shed : shedProbe;
  };

  // The last hook before the handler, which runs to its end from here on, also for a disconnected client.
  app.addHook("preHandler", async (request) => {
    const path = request.routeOptions.url ?? "";
    const problem = refusalOf(path);
    if (problem !== null) throw problem;
    (probes.get(path) ?? requests).add(request);
  });
  // onSend runs when the answer exists. A later hook would not run for a disconnected client, and its request would count
  // forever.
  app.addHook("onSend", async (request) => {
    requests.delete(request);
    probes.get(request.routeOptions.url ?? "")?.delete(request);
  });

  app.addHook("onRoute", ({ url, config }) => {
    if (config?.isProbe === true) probes.set(url, new Set());
  });
  // Refuses before the body is read while all places are taken.
  door.addRefusal(({ url = "" }) => refusalOf(url.split("?", 1)[0] ?? url));
  return () => requests.size;
}
