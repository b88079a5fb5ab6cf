/** A service on a small separate dataset, and a client that returns its answers. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DEFAULT_OPTIONS, type ApiOptions } from "../../api/options.ts";
import { startServer, type ApiServer } from "../../api/server.ts";
import { createApiTables } from "../../api/tables.ts";
import { ensureDataset, type DatasetParameters } from "../../fixtures/index.ts";
import { ensureOracle } from "../../harness/verify/oracle.ts";
import { resetScratch } from "../../harness/server-state/reset.ts";
import { connect, execute, select, type Connection } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { openTestSchema } from "../support/database.ts";

export const TOKEN = "a-token-for-tests-alone";
export const TARGET_DATE = "2026-01-01";
/** A batch of the style `long` sends eight statements for each user. */
export const DATASET: DatasetParameters = { users: 60, orders: 2_000, dormantUsers: 20, dataSeed: 5 };
export const DORMANT_USER = DATASET.users + 1;
const CLEARED = [
  "write_log",
  "inbox",
  "coupon_redemptions",
  "badge_overrides",
  "order_ids",
  "batches",
  "batch_owners",
  "batch_flags",
  "batch_targets",
  "batch_steps",
  "write_keys",
  "grade_logs_identity",
  "coupon_issues_identity",
];
const CLEAR_CUTOFF = "UPDATE batch_cutoff SET batch_id = 0, not_before = '1970-01-01'";
/** A test holds transactions at a statement until a process has started, which takes seconds on a busy machine. */
export const PATIENT = { silentSeconds: 600, maxIdleMs: 5_000, statementMs: 600_000 };
/** Faster than the defaults: a test waits for polls, and not for minutes. At 25 ms, the polls of a waiting member took 20 % of a core. */
const FAST = { heartbeatMs: 200, leaseMs: 1_000, pollMs: 50 };
/** Each poll is a request or a statement. At a fixed 10 ms, polls took 8 % of the CPU time of four files in test/api. */
const FIRST_POLL_MS = 10;
const MAX_POLL_MS = 100;
const DEADLINE_MS = 300_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

interface CallOptions {
  readonly key?: string;
  readonly token?: string;
  readonly body?: unknown;
}

type Served = Pick<ApiServer, "url" | "batchProcessId" | "close">;

export interface Client {
  readonly server: Served;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** a write with a new key by default */
  badge(userId: number, categoryId: number, active: boolean, key?: string): Promise<Answer>;
  order(userId: number, key?: string): Promise<Answer>;
  redeem(userId: number, couponId: number, key?: string): Promise<Answer>;
  startBatch(body?: Record<string, unknown>): Promise<Answer>;
  /** waits until a batch has finished or failed */
  batchEnd(id: number): Promise<Answer>;
  /** waits until an accepted write was applied or refused */
  finalAnswer(requestId: string): Promise<Answer>;
}

export interface TestService extends AsyncDisposable {
  readonly target: ConnectionTarget;
  readonly admin: Connection;
  /** users with orders in the window, by ascending id */
  readonly targets: readonly number[];
  /** restores the loaded state @param keepsMembers running members stay registered, and the numbers of batches continue */
  reset(keepsMembers?: boolean): Promise<void>;
  /** deletes all writes, batches and coupons; much cheaper, and sufficient if the state of badges does not matter */
  clear(): Promise<void>;
  start(options?: Partial<ApiOptions>): Promise<Client & AsyncDisposable>;
}

/** Polls `ask` until it returns a value, with growing pauses. @throws Error after 300 s */
export async function until<T>(what: string, ask: () => Promise<T | null | undefined | false>): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(MAX_POLL_MS, 1.5 * pauseMs)) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${DEADLINE_MS / 1_000} s: ${what}`);
    await delay(pauseMs);
  }
}

/** `stalled`: on a busy machine a process may send its heartbeat late. */
const isOpen = (status: unknown): boolean => ["selecting", "running", "stalled"].includes(String(status));

export function clientOf(server: Served): Client {
  const call = async (method: string, path: string, { key, token, body }: CallOptions = {}): Promise<Answer> => {
    const headers = new Headers();
    if (key !== undefined) headers.set("idempotency-key", key);
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    if (body !== undefined) headers.set("content-type", "application/json");
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as Answer["body"]) : { text } };
  };
  return {
    server,
    call,
    badge: (userId, categoryId, active, key = randomUUID()) =>
      call("PUT", `/users/${userId}/badges/${categoryId}`, { key, body: { active } }),
    order: (userId, key = randomUUID()) =>
      call("POST", `/users/${userId}/orders`, { key, body: { categoryId: 1, amountWon: 12_300 } }),
    redeem: (userId, couponId, key = randomUUID()) => call("POST", `/users/${userId}/coupons/${couponId}/redeem`, { key }),
    startBatch: (body = {}) => call("POST", "/batches", { token: TOKEN, body: { targetDate: TARGET_DATE, ...body } }),
    batchEnd: (id) =>
      until(`the end of batch ${id}`, async () => {
        const batch = await call("GET", `/batches/${id}`, { token: TOKEN });
        return isOpen(batch.body.status) ? null : batch;
      }),
    finalAnswer: (requestId) =>
      until(`the end of request ${requestId}`, async () => {
        const request = await call("GET", `/requests/${requestId}`);
        return request.body.status === "pending" ? null : request;
      }),
  };
}

/** @param on an empty schema on a separate server; absent: a schema on the running test server */
export async function openTestService(name: string, on?: ConnectionTarget): Promise<TestService> {
  const schema = on === undefined ? await openTestSchema(name) : { target: on, [Symbol.asyncDispose]: () => Promise.resolve() };
  const { target } = schema;
  const { contentHash } = await ensureDataset(target, DATASET, { log: silentLog });
  const admin = await connect(target);
  await ensureOracle(admin, contentHash, silentLog);
  await createApiTables(admin);
  const targets = await select<{ userId: number }>(admin, "SELECT user_id AS userId FROM _expected_targets ORDER BY user_id");
  return {
    target,
    admin,
    targets: targets.map(({ userId }) => userId),
    async reset(keepsMembers = false) {
      // TRUNCATE and CREATE of 20 tables took 0.3 s before each of 200 tests.
      await execute(admin, "DELETE orders FROM order_ids JOIN orders ON orders.id = order_ids.id");
      for (const table of [...CLEARED, ...(keepsMembers ? [] : ["was_instance", "coupon_runs"])])
        await execute(admin, `DELETE FROM ${table}`);
      // The numbers of batches begin with 1 again.
      if (!keepsMembers) await execute(admin, "TRUNCATE TABLE batches");
      await execute(admin, CLEAR_CUTOFF);
      await resetScratch(admin);
    },
    async clear() {
      for (const table of CLEARED) await execute(admin, `DELETE FROM ${table}`);
      await execute(admin, CLEAR_CUTOFF);
    },
    async start(options = {}) {
      const own = { target, adminToken: TOKEN, logLevel: "silent", metricsMs: 0 } as const;
      const server = await startServer({ ...DEFAULT_OPTIONS, ...FAST, ...own, ...options });
      return { ...clientOf(server), [Symbol.asyncDispose]: () => server.close() };
    },
    async [Symbol.asyncDispose]() {
      await admin.end();
      await schema[Symbol.asyncDispose]();
    },
  };
}

/** A second connection that locks a user's row, as a batch does, until its release or the end of the test. */
export async function holdUser(
  target: ConnectionTarget,
  userId: number,
): Promise<{ release(): Promise<void> } & AsyncDisposable> {
  const connection = await connect(target);
  await connection.query("START TRANSACTION");
  await connection.query("SELECT id FROM users WHERE id = ? FOR UPDATE", [userId]);
  let isHeld = true;
  const release = async (): Promise<void> => {
    if (!isHeld) return;
    isHeld = false;
    await connection.query("ROLLBACK");
    await connection.end();
  };
  return { release, [Symbol.asyncDispose]: release };
}
