/** What a statement fails with that is larger than the server takes. */

/** Of both drivers; mariadb's also by number, which is all that Prisma hands on. */
const HUNG_UP = new Set<unknown>([
  "EPIPE",
  "ECONNRESET",
  "PROTOCOL_CONNECTION_LOST",
  "ER_SOCKET_UNEXPECTED_CLOSE",
  45_009,
  // what comes after it on the same connection
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
 * The server names the limit and hangs up. A driver that is still writing often sees only that: "write EPIPE".
 * @param size how many rows, keys or values the statement holds
 * @param sent the library's promise of it
 * @param unit what is counted
 */
export async function explainHangUp<T>(size: number, sent: PromiseLike<T>, unit = "rows"): Promise<T> {
  try {
    return await sent;
  } catch (error) {
    if (!hasHungUp(error)) throw error;
    throw new Error(
      `the server hung up during a statement of ${size} ${unit}; it does so where one is larger than its max_allowed_packet`,
      { cause: error },
    );
  }
}

/** How many rows a filter of keys can select: the length of its longest list. */
export const keysIn = (filter: object): number =>
  Math.max(0, ...Object.values(filter).map((wanted) => (Array.isArray(wanted) ? wanted.length : 1)));
