/** Turns every error into a problem document. It names what the client sent and hides the internals of the service. */
import type { FastifyError } from "fastify";
import { isTableUnavailable } from "./database/errors.ts";
import { databaseProblem } from "./database-problems.ts";
import { ApiProblem, type ProblemCode } from "./problems.ts";
import { sendProblem } from "./routes/answer.ts";
import type { Api } from "./routes/context.ts";

const FASTIFY_CODES: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body-too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported-media-type",
};

/**
 * Problems that an operator must see. Load causes the others (timeouts, shed requests): metrics count them, because they
 * would fill the log.
 */
const LOGGED: ReadonlySet<ProblemCode> = new Set([
  "internal-error",
  "database-unavailable",
  "database-read-only",
  "database-busy",
  "inbox-unavailable",
  "outcome-unknown",
]);

/** The problem behind an error of the framework. @returns null if the client did not cause the error */
function clientProblem(error: FastifyError): ApiProblem | null {
  const known = FASTIFY_CODES[error.code];
  if (known !== undefined) return new ApiProblem(known, error.message);
  if (error.validation !== undefined) return new ApiProblem("invalid-request", error.message);
  const status = error.statusCode ?? 500;
  if (status === 413) return new ApiProblem("body-too-large", "the body is larger than the limit of the service");
  return status >= 400 && status < 500 ? new ApiProblem("invalid-request", "the request is malformed") : null;
}

function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem)
    // The server may have given the reason why it is not available.
    return (error.code === "database-unavailable" ? databaseProblem(error.cause) : null) ?? error;
  // Every write and GET /requests read the inbox. The transaction of the write is rolled back at this point.
  if (isTableUnavailable(error, "inbox"))
    return new ApiProblem("inbox-unavailable", "the inbox is not readable; the service wrote nothing", {
      cause: error,
    });
  const ofClient = error instanceof Error ? clientProblem(error as FastifyError) : null;
  return (
    databaseProblem(error) ??
    ofClient ??
    new ApiProblem("internal-error", "the service logged the cause under logRequestId", { cause: error })
  );
}

export function answerErrors(app: Api): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    const isLogged = LOGGED.has(problem.code);
    if (isLogged) request.log.error({ err: problem.cause ?? problem, problem: problem.code });
    if (problem.code === "missing-token") void reply.header("www-authenticate", "Bearer");
    // The log line has this id as `reqId`.
    return sendProblem(reply, isLogged ? { ...problem.document, logRequestId: request.id } : problem.document);
  });
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, new ApiProblem("not-found", "the service has no such route; /openapi.json lists all routes").document),
  );
}
