/** For whoever runs the service. Never shed: a busy service is not a dead one. */
import { Type } from "typebox";
import { ApiProblem } from "../problems.ts";
import type { RegisterRoutes } from "./context.ts";
import { problems } from "./schemas.ts";

const config = { isProbe: true };
const Status = Type.Object({ status: Type.Literal("ok") });

export const register: RegisterRoutes = (app, { database, metrics, isClosing }) => {
  app.get(
    "/healthz",
    { config, schema: { summary: "The process answers", response: { 200: Status, ...problems } } },
    async () => ({ status: "ok" as const }),
  );

  app.get(
    "/readyz",
    {
      config,
      schema: {
        summary: "Send requests here: the database answers, and nobody closes the service",
        response: { 200: Status, ...problems },
      },
    },
    async () => {
      if (isClosing()) throw new ApiProblem("closing", "send requests elsewhere");
      await database.withSession((session) => session.rows("SELECT 1"));
      return { status: "ok" as const };
    },
  );

  app.get(
    "/metrics",
    {
      config,
      schema: {
        summary: "For Prometheus",
        response: { 200: { description: "its text format", content: { "text/plain": { schema: Type.String() } } } },
      },
    },
    async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
};
