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

/** ER_NET_PACKET_TOO_LARGE of the server, and the check of the MariaDB connector before it sends. */
const TOO_LARGE = new Set<unknown>(["ER_NET_PACKET_TOO_LARGE", "ER_MAX_ALLOWED_PACKET"]);

/** @returns null for an error that has another cause than the size */
function reasonOf(error: unknown): string | null {
  for (let current = error; typeof current === "object" && current !== null;) {
    if ("code" in current && TOO_LARGE.has(current.code)) return "it is larger than max_allowed_packet";
    if ("code" in current && HUNG_UP.has(current.code))
      return "the server closed the connection, as it does for a statement larger than max_allowed_packet";
    current = "cause" in current ? current.cause : undefined;
  }
  return null;
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
    const reason = reasonOf(error);
    if (reason === null) throw error;
    throw new Error(
      `a statement of ${size} ${unit} failed: ${reason}. Send fewer rows per statement (a smaller --chunk), or raise max_allowed_packet.`,
      { cause: error },
    );
  }
}

/** The number of rows that a filter of keys can select: the length of its longest list. */
export const keysIn = (filter: object): number =>
  Math.max(0, ...Object.values(filter).map((wanted) => (Array.isArray(wanted) ? wanted.length : 1)));
