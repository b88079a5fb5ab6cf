/** Turns the outcome of a write into an HTTP answer. */
import type { FastifyReply } from "fastify";
import type { ProblemDocument } from "../problems.ts";
import type { Answer } from "../writes/log.ts";
import type { Write } from "../writes/write.ts";

/** About the duration of a chunk of the batch: an earlier request would usually come too early. */
export const RETRY_AFTER_SECONDS = "1";

export function sendProblem(reply: FastifyReply, document: Omit<ProblemDocument, "batchId">): FastifyReply {
  if (document.status === 503) void reply.header("retry-after", RETRY_AFTER_SECONDS);
  return reply.code(document.status).type("application/problem+json").send(document);
}

export function sendAnswer(reply: FastifyReply, { requestId }: Write, answer: Answer): FastifyReply {
  if (answer.outcome === "accepted")
    return reply
      .code(202)
      .header("location", `/requests/${requestId}`)
      .header("retry-after", RETRY_AFTER_SECONDS)
      .send({ requestId, status: "accepted" });
  // The request repeats a stored write that the service refused when it applied it.
  if (answer.statusCode >= 400) return sendProblem(reply, answer.response as unknown as ProblemDocument);
  return reply.code(answer.statusCode).send(answer.response);
}
