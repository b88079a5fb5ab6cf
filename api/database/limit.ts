/** The wait for an answer of the server has a limit. A connection that goes silent without FIN would hold its place forever. */

/** The server did not answer in time. It may still run the statement. */
export class StatementGivenUp extends Error {
  /** The property by which errors of the driver mean a lost connection. */
  readonly code = "STATEMENT_GIVEN_UP";
  readonly fatal = true;
}

/** @throws StatementGivenUp after `limitMs` */
export async function limited<T>(answer: Promise<T>, limitMs: number): Promise<T> {
  const { promise: given, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new StatementGivenUp(`the server gave no answer within ${Math.ceil(limitMs)} ms`)),
    limitMs,
  );
  // The rejection of an answer that comes too late has no other handler.
  answer.catch(() => {});
  try {
    return await Promise.race([answer, given]);
  } finally {
    clearTimeout(timer);
  }
}
