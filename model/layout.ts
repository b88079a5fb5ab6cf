/**
 * Where each value lies in a state. A state is one array of small integers, so a copy costs about 50 ns and the explorer can
 * hash it.
 */
import { FAULTS, type World } from "./world.ts";

/** `none` is a date without a row in `batches`. */
export const STATUS = { none: 0, selecting: 1, running: 2, finished: 3, failed: 4, abandoned: 5 } as const;
export const STATUS_NAMES = Object.keys(STATUS);

export const SESSION = { none: 0, open: 1, ended: 2 } as const;

export const ANSWER = { none: 0, applied: 1, accepted: 2, refused: 3, failed: 4, unknown: 5 } as const;
export const ANSWER_NAMES = ["no answer", "200", "202", "422", "503", "unknown"];

/** Cells of a date, from `date(d)`. */
export const DATE = { status: 0, hasTargets: 1, attempt: 2, targets: 3, markers: 4, grades: 5, coupons: 6, orders: 7 } as const;
/** Cells of an idempotency key, from `key(k)`. `inboxRequest` is 1 + the number of the request that inserted the row. */
export const KEY = { hash: 0, inboxRequest: 1, inboxId: 2, inboxDone: 3, applied: 4 } as const;
/** Cells of a session, from `session(s)`; the uncommitted changes follow, two cells each. */
export const SESSION_CELLS = { state: 0, changes: 1, first: 2 } as const;
/** The memory of a batch thread, after its place. All of it is 0 while the thread waits for its next poll without failures. */
export const BATCH = { date: 1, attempt: 2, view: 3, list: 4, users: 5, failures: 6, passes: 7 } as const;
/** `after`: bit mask of the requests of the user that were answered before this one was sent. */
export const REQUEST = { start: 1, stamp: 2, after: 3, answer: 4, next: 5 } as const;
export const DRAIN = { user: 1, key: 2, start: 3, stamp: 4 } as const;

/** Bit of `BATCH.passes` above the number of passes: a round dropped a user. */
export const DROPPED = 0x100;

const CHANGES_PER_TRANSACTION = 7;
const SESSION_WIDTH = SESSION_CELLS.first + 2 * CHANGES_PER_TRANSACTION;
export const THREAD_WIDTH = 8;
const DATE_WIDTH = 8;
const KEY_WIDTH = 5;

/** Sessions of lost clients that the server may hold at once. */
const ORPHANS = 3;
const MAX_SESSIONS = 15;

export type ThreadKind = "batch" | "drain" | "post" | "request";

export interface Thread {
  readonly kind: ThreadKind;
  readonly member: number;
  /** of the post or the request */
  readonly index: number;
}

function threadsOf({ members, posts, requests }: World): Thread[] {
  const ids = Array.from({ length: members }, (_, member) => member);
  return [
    ...ids.map((member): Thread => ({ kind: "batch", member, index: member })),
    ...(requests.length > 0 ? ids : []).map((member): Thread => ({ kind: "drain", member, index: member })),
    ...posts.map(({ member }, index): Thread => ({ kind: "post", member, index })),
    ...requests.map(({ member }, index): Thread => ({ kind: "request", member, index })),
  ];
}

export class Layout {
  readonly threads: readonly Thread[];
  readonly sessions: number;
  readonly keys: number;
  readonly now = 0;
  readonly live = 1;
  readonly budgets = 2;
  readonly cutOff: number;
  readonly notBefore: number;
  readonly flags: number;
  readonly locks: number;
  readonly lockRows: number;
  readonly size: number;
  readonly firstOrphan: number;
  readonly firstRequest: number;
  readonly #dates: number;
  readonly #keyCells: number;
  readonly #sessionCells: number;
  readonly #threadCells: number;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.threads = threadsOf(world);
    this.keys = Math.max(0, ...world.requests.map(({ key }) => key + 1));
    this.firstOrphan = this.threads.length;
    this.firstRequest = this.threads.length - world.requests.length;
    this.sessions = this.threads.length + ORPHANS;
    if (this.sessions > MAX_SESSIONS) throw new Error(`the world ${world.id} has too many threads. Remove requests.`);
    let next = this.budgets + FAULTS.length;
    const take = (cells: number): number => {
      next += cells;
      return next - cells;
    };
    this.cutOff = take(1);
    this.notBefore = take(1);
    this.flags = take(1);
    this.#dates = take(world.dates * DATE_WIDTH);
    this.#keyCells = take(this.keys * KEY_WIDTH);
    this.lockRows = 1 + 2 * world.dates + world.users + 2 * this.keys;
    this.locks = take(this.lockRows);
    this.#sessionCells = take(this.sessions * SESSION_WIDTH);
    this.#threadCells = take(this.threads.length * THREAD_WIDTH);
    // even, so that two cells make a word of the hash
    this.size = next + (next % 2);
  }

  readonly date = (date: number): number => this.#dates + (date - 1) * DATE_WIDTH;
  readonly key = (key: number): number => this.#keyCells + key * KEY_WIDTH;
  readonly session = (session: number): number => this.#sessionCells + session * SESSION_WIDTH;
  readonly thread = (thread: number): number => this.#threadCells + thread * THREAD_WIDTH;

  // rows that can be locked
  readonly cutOffRow = 0;
  readonly batchRow = (date: number): number => date;
  readonly ownerRow = (date: number): number => this.#world.dates + date;
  readonly userRow = (user: number): number => 1 + 2 * this.#world.dates + user;
  readonly keyRow = (key: number): number => 1 + 2 * this.#world.dates + this.#world.users + key;
  readonly inboxRow = (key: number): number => this.keyRow(key) + this.keys;

  initial(): Uint16Array {
    const state = new Uint16Array(this.size);
    const { clock, live, faults, orders, dates, users, ghosts } = this.#world;
    state[this.now] = clock[0];
    state[this.live] = live;
    for (const [index, fault] of FAULTS.entries()) state[this.budgets + index] = faults[fault] ?? 0;
    const ghostMask = ((1 << ghosts) - 1) << users;
    for (let date = 1; date <= dates; date += 1) state[this.date(date) + DATE.orders] = (orders[date - 1] ?? 0) | ghostMask;
    return state;
  }
}
