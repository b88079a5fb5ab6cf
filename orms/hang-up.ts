/** What a statement of many rows fails with when it is larger than the server takes. */

/** Of both drivers. */
const HUNG_UP = new Set<unknown>(["EPIPE", "ECONNRESET", "PROTOCOL_CONNECTION_LOST", "ER_SOCKET_UNEXPECTED_CLOSE"]);

function hasHungUp(error: unknown): boolean {
  for (let current = error; typeof current === "object" && current !== null;) {
    if ("code" in current && HUNG_UP.has(current.code)) return true;
    current = "cause" in current ? current.cause : undefined;
  }
  return false;
}

/**
 * The server names the limit and hangs up. A driver that is still writing often sees only that: "write EPIPE".
 * @param rows of the statement
 * @param sent the library's promise of it
 */
export async function explainHangUp<T>(rows: number, sent: PromiseLike<T>): Promise<T> {
  try {
    return await sent;
  } catch (error) {
    if (!hasHungUp(error)) throw error;
    throw new Error(
      `the server hung up during an INSERT of ${rows} rows; it does so where a statement is larger than its max_allowed_packet`,
      { cause: error },
    );
  }
}
