/** Explains the error of a statement that is larger than the server accepts. */

/** Codes of both drivers. mariadb's codes also as numbers, because Prisma passes on only numbers. */
const HUNG_UP = new Set<unknown>([
  "EPIPE",
  "ECONNRESET",
  "PROTOCOL_CONNECTION_LOST",
  "ER_SOCKET_UNEXPECTED_CLOSE",
  45_009,
  // errors of later statements on the same connection
  "ER_CMD_CONNECTION_CLOSED",
  45_013,
]);

function hasHungUp(error: unknown): boolean {
  for (let current = error; typeof current === "object" && current !== null;) {
    if ("code" in current && HUNG_UP.has(current.code)) return true;
    current = "cause" in current ? current.cause : undefined;
  }
  return false;
}

/**
 * Explains a closed connection. The server reports the limit and closes the connection, but a driver that is still writing
 * often sees only the close: "write EPIPE".
 * @param size number of rows, keys or values in the statement
 * @param sent the library's promise of the statement
 * @param unit the unit of `size`
 */
export async function explainHangUp<T>(size: number, sent: PromiseLike<T>, unit = "rows"): Promise<T> {
  try {
    return await sent;
  } catch (error) {
    if (!hasHungUp(error)) throw error;
    throw new Error(
      `the server closed the connection during a statement of ${size} ${unit}, as it does for a statement larger than max_allowed_packet`,
      { cause: error },
    );
  }
}

/** The number of rows that a filter of keys can select: the length of its longest list. */
export const keysIn = (filter: object): number =>
  Math.max(0, ...Object.values(filter).map((wanted) => (Array.isArray(wanted) ? wanted.length : 1)));
