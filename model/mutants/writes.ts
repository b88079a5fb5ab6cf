/** Faults of writes, accepts and drains. */
import { world, type Request, type World } from "../world.ts";
import type { Mutant } from "./mutant.ts";

const order = (member: number, user: number, key: number, bodyHash = 0): Request => ({ member, user, key, bodyHash });

/** An order while the window of a run closes. */
const CLOSING: Partial<World> = {
  members: 1,
  users: 1,
  live: 0b1,
  clock: [0, 1],
  orders: [0],
  requests: [order(0, 0, 0)],
};

/** Writes without any run. */
const WRITES: Partial<World> = { members: 1, live: 0b1, posts: [] };

export const WRITE_MUTANTS: readonly Mutant[] = [
  {
    id: "ignores-cut-off",
    without: "a write reads the cut-off FOR SHARE",
    changes: { ignoresCutOff: true },
    world: world("mutant", CLOSING),
    violates: "closed-window",
  },
  {
    id: "no-not-before",
    without: "no order is stamped before `not_before`",
    changes: { noNotBefore: true },
    world: world("mutant", CLOSING),
    violates: "closed-window",
  },
  {
    id: "not-before-read-early",
    without: "a write reads `not_before` in the statement that locks it",
    changes: { earlyNotBefore: true },
    world: world("mutant", CLOSING),
    violates: "closed-window",
  },
  {
    id: "member-clock",
    without: "stamps come from the server's clock",
    changes: { memberClock: true },
    world: world("mutant", { ...CLOSING, clock: [1, 1], memberClocks: [-1] }),
    violates: "closed-window",
  },
  {
    id: "overtakes-inbox",
    without: "a direct write looks for waiting writes of its user",
    changes: { overtakesInbox: true },
    world: world("mutant", { ...WRITES, users: 1, requests: [order(0, 0, 0), order(0, 0, 1)] }),
    violates: "user-order",
  },
  {
    id: "accepted-and-forgotten",
    without: "202 follows the commit of the inbox row",
    changes: { forgetsAccepted: true },
    world: world("mutant", { ...WRITES, users: 1, requests: [order(0, 0, 0)] }),
    violates: "acknowledged-kept",
  },
  {
    id: "no-key-in-accept",
    without: "an accept inserts the key as well",
    changes: { noKeyInAccept: true },
    world: world("mutant", { ...WRITES, requests: [order(0, 0, 0), order(0, 1, 0, 1)] }),
    violates: "applied-once",
  },
  {
    id: "no-key-in-direct",
    without: "a direct write inserts the key as well",
    changes: { noKeyInDirect: true },
    world: world("mutant", { ...WRITES, users: 1, requests: [order(0, 0, 0), order(0, 0, 0)] }),
    violates: "applied-once",
  },
  {
    id: "locks-out-of-order",
    without: "an accept takes the key before the inbox row, and a direct write its user before the key",
    changes: { rowBeforeKey: true, keyBeforeUser: true },
    world: world("mutant", { ...WRITES, users: 1, requests: [order(0, 0, 0), order(0, 0, 0), order(0, 0, 1)] }),
    violates: "no-deadlock",
  },
  {
    id: "drains-unlocked",
    without: "a drain locks the user and the inbox rows",
    changes: { drainsUnlocked: true },
    world: world("mutant", { ...WRITES, members: 2, users: 1, live: 0b11, requests: [order(0, 0, 0)] }),
    violates: "applied-once",
  },
  {
    id: "flags-left-by-failure",
    without: "T5 deletes all flags",
    changes: { leavesFlags: true },
    world: world("mutant", {
      members: 1,
      users: 1,
      live: 0b1,
      orders: [0b1],
      guard: "db-flag",
      requests: [order(0, 0, 0)],
      faults: { error: 1 },
    }),
    violates: "run-ends",
  },
];
