import { Type } from "typebox";
import { ApiProblem } from "../problems.ts";
import { tokenOf } from "../writes/write.ts";
import type { RegisterRoutes } from "./context.ts";
import { problems, Time, Uuid } from "./schemas.ts";

interface RequestRow {
  readonly userId: number;
  readonly kind: string;
  readonly status: "pending" | "applied" | "refused";
  readonly statusCode: number | null;
  readonly response: Record<string, unknown> | null;
  readonly logId: number | null;
  readonly acceptedAt: Date;
  readonly appliedAt: Date | null;
}

/** Also finds a write that took effect at once, for a client that lost the answer. */
const REQUEST = `
  SELECT inbox.user_id AS userId, inbox.kind, inbox.status, inbox.status_code AS statusCode, response, log_id AS logId,
    accepted_at AS acceptedAt, inbox.applied_at AS appliedAt
  FROM inbox LEFT JOIN write_log ON write_log.token = inbox.request_id AND inbox.status <> 'pending' WHERE request_id = ?
  UNION ALL
  SELECT user_id, kind, outcome, status_code, response, log_id, applied_at, applied_at FROM write_log WHERE token = ?
  LIMIT 1`;

export const register: RegisterRoutes = (app, { database }) => {
  app.get(
    "/requests/:requestId",
    {
      schema: {
        operationId: "getRequest",
        tags: ["requests"],
        summary: "The outcome of a write, by its idempotency key",
        params: Type.Object({ requestId: Uuid("the idempotency key of a write") }),
        response: {
          200: Type.Object({
            requestId: Type.String(),
            userId: Type.Integer(),
            kind: Type.String(),
            status: Type.Enum(["pending", "applied", "refused"]),
            statusCode: Type.Optional(Type.Integer({ description: "the status code of the write's answer" })),
            response: Type.Optional(Type.Object({}, { additionalProperties: true })),
            acceptedAt: Time,
            appliedAt: Type.Optional(Time),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const requestId = request.params.requestId.toLowerCase();
      const token = tokenOf(requestId);
      const [row] = await database.withSession((session) => session.rows<RequestRow>(REQUEST, [token, token]));
      if (row === undefined) throw new ApiProblem("request-not-found", `no write has the key ${requestId}`);
      const { userId, kind, status, statusCode, response, logId, acceptedAt, appliedAt } = row;
      return {
        requestId,
        userId,
        kind,
        status,
        acceptedAt: acceptedAt.toISOString(),
        ...(statusCode === null ? {} : { statusCode }),
        ...(response === null ? {} : { response: status === "applied" ? { ...response, logId } : response }),
        ...(appliedAt === null ? {} : { appliedAt: appliedAt.toISOString() }),
      };
    },
  );
};
