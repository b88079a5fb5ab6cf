/** Every error that a client of the service can receive: a stable type, its status, and a title (RFC 9457). */

const PROBLEMS = {
  "invalid-request": [400, "The request does not match the schema of this route"],
  "future-target-date": [400, "The target date is in the future"],
  "style-not-offered": [400, "This service does not offer the batch style"],
  "missing-token": [401, "The request has no administration token"],
  "wrong-token": [403, "The administration token is wrong"],
  "not-found": [404, "No route matches this path"],
  "user-not-found": [404, "The user does not exist"],
  "category-not-found": [404, "The category does not exist"],
  "coupon-not-found": [404, "The coupon does not exist"],
  "request-not-found": [404, "No write has this id"],
  "batch-not-found": [404, "The batch does not exist"],
  "request-timeout": [408, "The request did not arrive in time"],
  "coupon-not-available": [409, "The user has no unredeemed coupon of this kind"],
  "batch-running": [409, "A batch is running"],
  "newer-batch-exists": [409, "A batch of a newer date exists"],
  "earlier-batch-failed": [409, "The batch of an earlier date failed"],
  "batch-style-differs": [409, "The batch of this date started in another style"],
  "batch-finished": [409, "The batch of this date is finished"],
  "body-too-large": [413, "The body is too large"],
  "unsupported-media-type": [415, "The body is not application/json"],
  "expectation-failed": [417, "The service does not support the expectation of the request"],
  "idempotency-key-reused": [422, "The idempotency key belongs to another request"],
  "headers-too-large": [431, "The headers are too large"],
  "internal-error": [500, "The service failed"],
  shed: [503, "The service is busy"],
  "pool-timeout": [503, "No database connection became available in time"],
  "lock-timeout": [503, "Rows or tables that the request needs are locked"],
  deadlock: [503, "The write was the victim of too many deadlocks"],
  "cut-off-locked": [503, "A write in progress prevents the start of the batch"],
  "batch-rolling-back": [503, "A transaction of an earlier attempt of the batch is still open"],
  "inbox-unavailable": [503, "The inbox of stored writes is not available"],
  "database-unavailable": [503, "The database does not answer"],
  "database-read-only": [503, "The database accepts no writes"],
  "database-busy": [503, "The database accepts no further connection"],
  /** the only 503 after which the service may have written something */
  "outcome-unknown": [503, "The database connection broke during the commit of the write"],
  closing: [503, "The service is closing"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

export const isProblemCode = (name: string): name is ProblemCode => Object.hasOwn(PROBLEMS, name);

/** A member refuses further starts for this time: a waiting exclusive lock on the cut-off delays every write by about a second. */
export const CUT_OFF_REST_SECONDS = 5;
/** About the duration of a chunk of the batch: an earlier request would usually come too early. */
const RETRY_AFTER_SECONDS = 1;

/** When a client should repeat a request that got this problem with status 503. @param type `/problems/shed` */
export const retryAfterSeconds = (type?: string): number =>
  type === "/problems/cut-off-locked" ? CUT_OFF_REST_SECONDS : RETRY_AFTER_SECONDS;

/** RFC 9457, with extension members for some types. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** the batch that conflicts with the request */
  readonly batchId?: number;
  /** the `reqId` of the log line that holds the cause */
  readonly logRequestId?: string;
}

/** Any code below a route may throw it. Its message reaches the client, so it contains only what the client sent or may see. */
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
