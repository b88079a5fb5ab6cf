/** The kinds of limits that a statement can meet. A failure that no row names keeps its own words. */

/** One error of a chain of causes. */
export interface Cause {
  readonly name: string;
  readonly message: string;
  /** of a driver or library: `ER_NET_PACKET_TOO_LARGE`, `P2028` */
  readonly code: string | null;
}

export interface Failure {
  /** the error that the library threw, then its causes */
  readonly causes: readonly Cause[];
  /** the server's error number */
  readonly errno: number | null;
}

interface Circumstances {
  /** bytes that the client had sent; null: unknown */
  readonly bytes: number | null;
  /** null: the server does not show it */
  readonly maxAllowedPacket: number | null;
}

interface Kind {
  readonly id: string;
  /** for tables */
  readonly title: string;
  readonly errnos?: readonly number[];
  readonly codes?: readonly string[];
  readonly said?: RegExp;
  /** a further condition */
  readonly where?: (circumstances: Circumstances) => boolean;
}

const HUNG_UP = ["EPIPE", "ECONNRESET", "PROTOCOL_CONNECTION_LOST", "ER_SOCKET_UNEXPECTED_CLOSE", "ER_CMD_CONNECTION_CLOSED"];
/** Of the MariaDB connector, for libraries that pass on only numbers: ER_SOCKET_UNEXPECTED_CLOSE, ER_CMD_CONNECTION_CLOSED. */
const HUNG_UP_ERRNOS = [45_009, 45_013];

/** The server closes the connection while the client still writes, so a driver often reports only the close. */
const isLargerThanPacket = ({ bytes, maxAllowedPacket }: Circumstances): boolean =>
  bytes !== null && maxAllowedPacket !== null && bytes > maxAllowedPacket;

/** The first row that matches counts. */
const KINDS: readonly Kind[] = [
  {
    id: "packet",
    title: "max_allowed_packet",
    // ER_NET_PACKET_TOO_LARGE, ER_WARN_ALLOWED_PACKET_OVERFLOWED
    errnos: [1153, 1301],
    codes: ["ER_NET_PACKET_TOO_LARGE", "ER_MAX_ALLOWED_PACKET"],
  },
  { id: "packet", title: "max_allowed_packet", codes: HUNG_UP, errnos: HUNG_UP_ERRNOS, where: isLargerThanPacket },
  // ER_PS_MANY_PARAM; Prisma checks the number itself
  { id: "placeholders", title: "65,535 placeholders", errnos: [1390], codes: ["ER_PS_MANY_PARAM", "P2029"] },
  // ER_STACK_OVERRUN, ER_STACK_OVERRUN_NEED_MORE
  { id: "thread-stack", title: "thread_stack", errnos: [1119, 1436] },
  { id: "parser", title: "memory of the server's parser", said: /memory exhausted at or near|parser stack/i },
  // ER_LOCK_TABLE_FULL
  { id: "lock-table", title: "lock table of InnoDB", errnos: [1206] },
  {
    id: "server-memory",
    title: "memory of the server",
    // ER_OUTOFMEMORY, ER_OUT_OF_SORTMEMORY, ER_OUT_OF_RESOURCES, ER_CAPACITY_EXCEEDED, ER_GLOBAL_CONN_LIMIT, ER_CONN_LIMIT
    errnos: [1037, 1038, 1041, 3170, 4081, 4082],
    codes: ["BENCH_SERVER_MEMORY"],
  },
  // ER_RECORD_FILE_FULL, ER_TRANS_CACHE_FULL
  { id: "server-storage", title: "storage of the server", errnos: [1114, 1197] },
  // ER_QUERY_TIMEOUT, ER_STATEMENT_TIMEOUT
  { id: "server-time", title: "time limit of the server", errnos: [3024, 1969] },
  { id: "partial-commit", title: "incomplete rollback", codes: ["BENCH_ROWS"] },
  { id: "library-time", title: "timeout of the library", codes: ["P2024", "P2028", "ETIMEDOUT", "PROTOCOL_SEQUENCE_TIMEOUT"] },
  { id: "heap", title: "heap of the client", codes: ["BENCH_HEAP"], said: /heap out of memory|Array buffer allocation failed/i },
  { id: "call-stack", title: "call stack of the client", said: /Maximum call stack size exceeded/i },
  {
    id: "string-length",
    title: "longest string of JavaScript",
    said: /Invalid string length|Cannot create a string longer than/i,
  },
  { id: "array-length", title: "longest array of JavaScript", said: /Invalid array length|Set maximum size exceeded/i },
  { id: "range-error", title: "RangeError of the library", said: /^RangeError: /m },
  { id: "connection-closed", title: "closed connection", codes: HUNG_UP, errnos: HUNG_UP_ERRNOS },
];

const UNKNOWN: Pick<Kind, "id" | "title"> = { id: "other", title: "other" };

const textOf = ({ causes }: Failure): string => causes.map(({ name, message }) => `${name}: ${message}`).join("\n");

/** @returns the id of the kind; `other` for an error that the table lacks */
export function kindOf(failure: Failure, circumstances: Circumstances): string {
  const { errno, causes } = failure;
  const text = textOf(failure);
  const found = KINDS.find(
    ({ errnos = [], codes = [], said, where }) =>
      ((errno !== null && errnos.includes(errno)) ||
        causes.some(({ code }) => code !== null && codes.includes(code)) ||
        said?.test(text) === true) &&
      where?.(circumstances) !== false,
  );
  return (found ?? UNKNOWN).id;
}

export const titleOf = (kind: string): string => KINDS.find(({ id }) => id === kind)?.title ?? kind;

/** The errors from the outermost to the innermost, without a message that an outer one contains. */
export function messageOfFailure({ causes }: Failure): string {
  const messages = causes.map(({ message }) => message.trim().replaceAll(/\s*\n\s*/g, " "));
  return messages.filter((message, index) => !messages.slice(0, index).some((outer) => outer.includes(message))).join(": ");
}
