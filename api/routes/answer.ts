/** Turns the outcome of a write into an HTTP answer. */
import type { FastifyReply } from "fastify";
import { retryAfterSeconds, type ProblemDocument } from "../problems.ts";
import type { Answer } from "../writes/log.ts";
import type { Write } from "../writes/write.ts";

export function sendProblem(reply: FastifyReply, document: Omit<ProblemDocument, "batchId">): FastifyReply {
  if (document.status === 503) void reply.header("retry-after", String(retryAfterSeconds(document.type)));
  return reply.code(document.status).type("application/problem+json").send(document);
}

export function sendAnswer(reply: FastifyReply, { requestId }: Write, answer: Answer): FastifyReply {
  if (answer.outcome === "accepted")
    return reply
      .code(202)
      .header("location", `/requests/${requestId}`)
      .header("retry-after", String(retryAfterSeconds()))
      .send({ requestId, status: "accepted" });
  // The request repeats a stored write that the service refused when it applied it.
  if (answer.statusCode >= 400) return sendProblem(reply, answer.response as unknown as ProblemDocument);
  return reply.code(answer.statusCode).send(answer.response);
}
