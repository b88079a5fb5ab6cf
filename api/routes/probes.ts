/** Routes for operators. Requests do not shed them: an overloaded service is not a dead one. */
import { Type } from "typebox";
import { Registry } from "prom-client";
import { ApiProblem } from "../problems.ts";
import type { RegisterRoutes } from "./context.ts";
import { problems } from "./schemas.ts";

const config = { isProbe: true };
const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;
const Status = Type.Object({ status: Type.Literal("ok") });

export const register: RegisterRoutes = (app, { probes, isClosing }) => {
  app.get(
    "/healthz",
    {
      config,
      schema: {
        operationId: "getHealth",
        tags: ["operation"],
        summary: "The process is alive",
        response: { 200: Status, ...problems },
      },
    },
    async () => ({ status: "ok" as const }),
  );

  app.get(
    "/readyz",
    {
      config,
      schema: {
        operationId: "getReadiness",
        tags: ["operation"],
        summary: "The database answers, accepts writes, and the service is not closing",
        response: { 200: Status, ...problems },
      },
    },
    async () => {
      if (isClosing()) throw new ApiProblem("closing", "the service is closing; send requests to another instance");
      await probes.requireDatabase();
      return { status: "ok" as const };
    },
  );

  app.get(
    "/metrics",
    {
      config,
      schema: {
        operationId: "getMetrics",
        tags: ["operation"],
        summary: "Metrics for Prometheus",
        response: { 200: { description: "the text format of Prometheus", content: { "text/plain": { schema: Type.String() } } } },
      },
    },
    async (_request, reply) => reply.type(METRICS_TYPE).send(await probes.metricsText()),
  );
};
