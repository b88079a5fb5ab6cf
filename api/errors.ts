/** Whatever goes wrong as a problem document: what the client sent is named, what the service is made of is not. */
import type { FastifyError } from "fastify";
import { isTableUnavailable } from "./database/errors.ts";
import { ApiProblem, type ProblemCode } from "./problems.ts";
import { sendProblem } from "./routes/answer.ts";
import type { Api } from "./routes/context.ts";

const FASTIFY_CODES: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body-too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported-media-type",
};

/** What somebody must look at. What load does (time-outs, shed requests) is counted instead, and would fill the log. */
const LOGGED: ReadonlySet<ProblemCode> = new Set([
  "internal-error",
  "database-unavailable",
  "inbox-unavailable",
  "outcome-unknown",
]);

/** What the framework says of a request in its own words; null for what is not the client's doing. */
function clientProblem(error: FastifyError): ApiProblem | null {
  const known = FASTIFY_CODES[error.code];
  if (known !== undefined) return new ApiProblem(known, error.message);
  if (error.validation !== undefined) return new ApiProblem("invalid-request", error.message);
  const status = error.statusCode ?? 500;
  if (status === 413) return new ApiProblem("body-too-large", "the body is larger than its limit");
  return status >= 400 && status < 500 ? new ApiProblem("invalid-request", "the request can't be read") : null;
}

function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  // read by every write, and by whoever asks what became of one; a write's transaction is rolled back by now
  if (isTableUnavailable(error, "inbox"))
    return new ApiProblem("inbox-unavailable", "stored writes can't be asked for, and nothing was written", { cause: error });
  const ofClient = error instanceof Error ? clientProblem(error as FastifyError) : null;
  return ofClient ?? new ApiProblem("internal-error", "it was logged under this request's id", { cause: error });
}

export function answerErrors(app: Api): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (LOGGED.has(problem.code)) request.log.error({ err: problem.cause ?? problem, problem: problem.code });
    if (problem.code === "missing-token") void reply.header("www-authenticate", "Bearer");
    return sendProblem(reply, problem.document);
  });
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, new ApiProblem("not-found", "see /openapi.json for what there is").document),
  );
}
