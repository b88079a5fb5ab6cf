/** A small world: the members, users, dates, requests and faults that a schedule may use. */

export const FAULTS = ["crash", "disconnect", "silence", "error", "unknown", "clock", "heartbeat"] as const;
export type Fault = (typeof FAULTS)[number];

export interface Post {
  readonly date: number;
  readonly member: number;
  /** the request says `"abandon": true` */
  readonly abandon: boolean;
}

export interface Request {
  readonly member: number;
  readonly user: number;
  /** the idempotency key, numbered from 0 */
  readonly key: number;
  readonly bodyHash: number;
}

export interface World {
  readonly id: string;
  readonly members: number;
  /** the members whose processes never run, although their rows count as live */
  readonly gone: readonly number[];
  readonly users: number;
  /** the users with an order and without a row in `users`, numbered after the others */
  readonly ghosts: number;
  /** dates are 1, 2, ...; the window of date d is the time from d - 1 up to d */
  readonly dates: number;
  readonly chunkUsers: number;
  readonly posts: readonly Post[];
  readonly requests: readonly Request[];
  readonly guard: "hint" | "db-flag";
  /** per date: the bit mask of the users with an order in its window at the beginning */
  readonly orders: readonly number[];
  /** the bit mask of the members that are live at the beginning */
  readonly live: number;
  /** the server's clock at the beginning, and its last time */
  readonly clock: readonly [from: number, to: number];
  /** how far the clock of each member is ahead of the server's clock */
  readonly memberClocks: readonly number[];
  /** the counted failures after which a member fails the run */
  readonly failureLimit: number;
  /** the empty passes after which a member waits for a locked user; 0: never */
  readonly passLimit: number;
  /** `resolved`: the server ends a circle of waiting transactions, and no rule forbids one */
  readonly deadlocks: "forbidden" | "resolved";
  /** how often each fault may happen in a schedule */
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
}

const SMALL: Omit<World, "id"> = {
  members: 2,
  gone: [],
  users: 2,
  ghosts: 0,
  dates: 1,
  chunkUsers: 2,
  posts: [{ date: 1, member: 0, abandon: false }],
  requests: [],
  guard: "hint",
  orders: [0b11, 0b11, 0b11],
  live: 0b11,
  clock: [1, 1],
  memberClocks: [0, 0, 0, 0],
  failureLimit: 1,
  passLimit: 0,
  deadlocks: "forbidden",
  faults: {},
};

/** Two members, two users, one date, no fault; `differences` replaces parts of it. */
export const world = (id: string, differences: Partial<World> = {}): World => ({ ...SMALL, ...differences, id });
