/** The worlds that `npm run model` explores without a change of the protocol. */
import { world, type Post, type World } from "./world.ts";

const post = (date: number, member = 0, abandon = false): Post => ({ date, member, abandon });
const order = (member: number, user: number, key: number, bodyHash = 0): World["requests"][number] => ({
  member,
  user,
  key,
  bodyHash,
});
const BOTH_DATES = [post(1), post(2, 1)];

/** Explored completely by every test run: two members, two users, one or two dates. */
export const SMALL_WORLDS: readonly World[] = [
  world("crash", { faults: { crash: 1 } }),
  world("lost-connection", { faults: { disconnect: 1 } }),
  world("silence", { faults: { silence: 1 } }),
  world("lost-answer", { faults: { unknown: 1 } }),
  world("single-rounds", { chunkUsers: 1, faults: { unknown: 1 } }),
  world("failures", { faults: { error: 2 } }),
  world("leaving", { faults: { heartbeat: 2 } }),
  world("joining", { live: 0b01, faults: { heartbeat: 1 } }),
  world("dead-but-live", { gone: [1] }),
  world("orders-without-user", { ghosts: 1 }),
  world("two-dates", { dates: 2, clock: [1, 2], posts: BOTH_DATES, orders: [0b11, 0b01] }),
  world("abandon", { dates: 2, clock: [2, 2], posts: [post(1), post(2, 1, true)], orders: [0b01, 0b01], faults: { error: 1 } }),
  world("write-beside-run", { clock: [0, 1], orders: [0b01], requests: [order(1, 0, 0)] }),
  world("clock-back", { clock: [0, 1], orders: [0b10], members: 1, live: 1, requests: [order(0, 0, 0)], faults: { clock: 1 } }),
  world("one-key-two-users", { posts: [], requests: [order(0, 0, 0), order(1, 1, 0, 1)], faults: { unknown: 1 } }),
  world("one-key-again", { posts: [], requests: [order(0, 0, 0), order(1, 0, 0)], faults: { unknown: 1, crash: 1 } }),
  world("writes-in-order", { posts: [], requests: [order(0, 0, 0), order(1, 0, 1)], faults: { crash: 1 } }),
  world("flags", { guard: "db-flag", orders: [0b01], users: 1, requests: [order(1, 0, 0)], faults: { error: 1 } }),
  world("waiting", { users: 1, orders: [0b01], passLimit: 1, posts: [post(1)], requests: [order(1, 0, 0)] }),
];

/** Explored completely by `--exhaustive` and by `npm run test:full`. */
export const LARGE_WORLDS: readonly World[] = [
  world("two-crashes", { faults: { crash: 2 } }),
  world("crash-and-lost-answer", { faults: { crash: 1, unknown: 1, silence: 1 } }),
  world("failures-and-crash", { faults: { error: 2, crash: 1 } }),
  world("two-posts", { posts: [post(1), post(1, 1)], faults: { error: 1, unknown: 1 } }),
  world("three-members", { members: 3, live: 0b111 }),
  world("three-users", { users: 3, orders: [0b111], faults: { unknown: 1 } }),
  world("abandon-and-silence", {
    dates: 2,
    clock: [2, 2],
    posts: [post(1), post(2, 1, true)],
    orders: [0b01, 0b01],
    faults: { error: 1, silence: 1 },
  }),
  world("two-dates-and-faults", {
    dates: 2,
    clock: [1, 2],
    posts: BOTH_DATES,
    orders: [0b01, 0b11],
    faults: { unknown: 1, crash: 1 },
  }),
  world("two-failures-to-fail", { failureLimit: 2, users: 1, orders: [0b1], faults: { error: 4, unknown: 1 } }),
  world("leaving-and-crash", { faults: { heartbeat: 1, crash: 1 } }),
  world("flags-and-crash", {
    guard: "db-flag",
    users: 1,
    orders: [0b1],
    requests: [order(1, 0, 0)],
    faults: { crash: 1, error: 1 },
  }),
  world("waiting-and-failure", { users: 1, orders: [0b1], passLimit: 1, requests: [order(1, 0, 0)], faults: { error: 1 } }),
  world("three-requests", { posts: [], requests: [order(0, 0, 0), order(1, 0, 0), order(0, 0, 1)], faults: { unknown: 1 } }),
  world("write-and-crash", { clock: [0, 1], orders: [0b01], requests: [order(1, 0, 0)], faults: { crash: 1 } }),
  world("two-writes-beside-run", { clock: [0, 1], users: 1, orders: [0b01], requests: [order(0, 0, 0), order(1, 0, 1)] }),
];

/** For random schedules. */
export const WIDE_WORLDS: readonly World[] = [
  world("three-of-each", {
    members: 3,
    users: 3,
    dates: 2,
    live: 0b111,
    clock: [0, 2],
    posts: [post(1), post(2, 1), post(2, 2, true)],
    orders: [0b111, 0b011],
    requests: [order(0, 0, 0), order(1, 0, 1), order(2, 2, 2)],
    failureLimit: 2,
    faults: { crash: 2, disconnect: 2, silence: 2, error: 4, unknown: 3, clock: 1, heartbeat: 3 },
  }),
  world("four-members", {
    members: 4,
    users: 4,
    live: 0b0111,
    clock: [1, 1],
    posts: [post(1), post(1, 3)],
    orders: [0b1111],
    requests: [order(2, 1, 0), order(3, 1, 0)],
    passLimit: 2,
    failureLimit: 2,
    faults: { crash: 3, disconnect: 2, silence: 3, error: 4, unknown: 3, heartbeat: 4 },
  }),
  world("three-flags", {
    members: 3,
    users: 2,
    dates: 2,
    live: 0b111,
    chunkUsers: 1,
    guard: "db-flag",
    clock: [0, 2],
    posts: [post(1), post(2, 1, true)],
    orders: [0b11, 0b10],
    requests: [order(0, 0, 0), order(1, 0, 1), order(2, 1, 1, 1)],
    faults: { crash: 2, disconnect: 1, silence: 1, error: 3, unknown: 2, clock: 1, heartbeat: 1 },
  }),
];
