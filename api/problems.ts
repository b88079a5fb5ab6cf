/** Every error that a client of the service can meet, in one place: a stable type, its status, and a title (RFC 9457). */

const PROBLEMS = {
  "invalid-request": [400, "The request is not what this route takes"],
  "future-target-date": [400, "The target date's orders are not all there yet"],
  "style-not-offered": [400, "This service was started without a technique for that style"],
  "missing-token": [401, "This needs the administration token"],
  "wrong-token": [403, "That is not the administration token"],
  "not-found": [404, "There is nothing at this address"],
  "user-not-found": [404, "There is no such user"],
  "category-not-found": [404, "There is no such category"],
  "coupon-not-found": [404, "There is no such coupon"],
  "request-not-found": [404, "No accepted request has this id"],
  "batch-not-found": [404, "There is no such batch"],
  "coupon-not-available": [409, "The user has no coupon of this kind that is not redeemed"],
  "batch-running": [409, "A batch is running"],
  "batch-style-differs": [409, "The batch of this date was begun in another style"],
  "batch-finished": [409, "The batch of this date is finished"],
  "body-too-large": [413, "The body is too large"],
  "unsupported-media-type": [415, "Bodies are application/json"],
  "idempotency-key-reused": [422, "The idempotency key belongs to another request"],
  "internal-error": [500, "The service failed"],
  shed: [503, "The service is busy"],
  "pool-timeout": [503, "No database connection became free in time"],
  "lock-timeout": [503, "The user's rows are locked"],
  deadlock: [503, "The write met others too often"],
  "cut-off-locked": [503, "A write under way keeps the next batch from starting"],
  "inbox-unavailable": [503, "The inbox of stored writes can't be read or written"],
  "database-unavailable": [503, "The database does not answer"],
  /** the one 503 that does not say that nothing was written */
  "outcome-unknown": [503, "The connection was lost while the write was being committed"],
  closing: [503, "The service is closing"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** RFC 9457, with members of our own where a type has them. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** of the batch that is in the way */
  readonly batchId?: number;
}

/** Thrown anywhere below a route; what it says reaches the client, so it holds nothing but what the client sent or may know. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: ProblemCode;
  readonly status: number;
  readonly batchId: number | undefined;

  constructor(code: ProblemCode, detail: string, more: { batchId?: number; cause?: unknown } = {}) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.status = PROBLEMS[code][0];
    this.batchId = more.batchId;
  }

  get document(): ProblemDocument {
    const { code, status, message, batchId } = this;
    const document = { type: `/problems/${code}`, title: PROBLEMS[code][1], status, detail: message };
    return batchId === undefined ? document : { ...document, batchId };
  }
}
