/** Faults of T2 to T5. */
import { world, type Post, type World } from "../world.ts";
import type { Mutant } from "./mutant.ts";

const post = (date: number, member = 0, abandon = false): Post => ({ date, member, abandon });

/** A run fails, and the request for the next date abandons it. */
const ABANDONED: Partial<World> = {
  users: 1,
  dates: 2,
  clock: [2, 2],
  posts: [post(1), post(2, 1, true)],
  orders: [0b1, 0b1],
  faults: { error: 1 },
};

export const ROUND_MUTANTS: readonly Mutant[] = [
  {
    id: "origin",
    without: "the design of the origin: each instance counts for itself; no marker under the lock, no fence, no help",
    changes: { noFence: true, noMarkerCheck: true, noHelp: true },
    world: world("mutant", { users: 1, orders: [0b1], faults: { heartbeat: 1 } }),
    violates: "graded-once",
  },
  {
    id: "no-marker-check",
    without: "a round reads the markers under its locks",
    changes: { noMarkerCheck: true },
    world: world("mutant", { users: 1, orders: [0b1] }),
    violates: "graded-once",
  },
  {
    id: "markers-before-lock",
    without: "step 3 is a separate statement after step 2",
    changes: { markersBeforeLock: true },
    world: world("mutant", { users: 1, orders: [0b1] }),
    violates: "graded-once",
  },
  {
    id: "markers-later",
    without: "the marker is committed together with the effects",
    changes: { markersLater: true },
    world: world("mutant", { users: 1, orders: [0b1] }),
    violates: "graded-once",
  },
  {
    id: "no-rollback",
    without: "ROLLBACK after any error in a transaction",
    changes: { noRollback: true },
    world: world("mutant", { users: 1, orders: [0b1], members: 1, live: 0b1, failureLimit: 2, faults: { error: 1 } }),
    violates: "graded-once",
  },
  {
    id: "no-fence",
    without: "a round reads the fence FOR SHARE",
    changes: { noFence: true },
    world: world("mutant", ABANDONED),
    violates: "date-order",
  },
  {
    id: "attempt-read-apart",
    without: "the attempt is read in the same statement as the status",
    changes: { attemptReadApart: true },
    world: world("mutant", ABANDONED),
    violates: "date-order",
  },
  {
    id: "no-help",
    without: "a member whose partition is empty helps with what is left",
    changes: { noHelp: true },
    world: world("mutant", { gone: [1] }),
    violates: "run-ends",
  },
  {
    id: "selects-twice",
    without: "T2 reads the status again under the lock",
    changes: { selectsTwice: true },
    world: world("mutant", { users: 1, orders: [0b1] }),
    violates: "finished-stays",
  },
  {
    id: "selects-without-join",
    without: "T2 joins the orders to `users`",
    changes: { selectsGhosts: true },
    world: world("mutant", { users: 1, ghosts: 1, orders: [0b1], members: 1, live: 0b1 }),
    violates: "run-ends",
  },
  {
    id: "finishes-unchecked",
    without: "T4 follows when no undone target is left",
    changes: { finishesUnchecked: true },
    world: world("mutant", { chunkUsers: 1 }),
    violates: "none-missed",
  },
  {
    id: "finishes-from-cursor",
    without: "T4 reads all targets, without cursor or partition",
    changes: { finishesFromCursor: true },
    // a write locks the user that the round skips
    world: world("mutant", { members: 1, live: 0b1, requests: [{ member: 0, user: 1, key: 0, bodyHash: 0 }] }),
    violates: "none-missed",
  },
  {
    id: "undone-before-status",
    without: "the undone targets are read after the run was seen running",
    changes: { undoneBeforeStatus: true },
    world: world("mutant", { users: 1, orders: [0b1] }),
    violates: "none-missed",
  },
  {
    id: "fails-any-status",
    without: "T5 changes only a run that is selecting or running",
    changes: { failsAnyStatus: true },
    world: world("mutant", { users: 1, orders: [0b1], faults: { error: 1 } }),
    violates: "finished-stays",
  },
  {
    id: "fails-any-attempt",
    without: "T5 changes only the attempt that the member worked on",
    changes: { failsAnyAttempt: true },
    // it also deadlocks with T1, which takes the batch before the owner
    world: world("mutant", { users: 1, orders: [0b1], deadlocks: "resolved", faults: { error: 2 } }),
    violates: "own-attempt",
  },
  {
    id: "no-timeouts",
    without: "the server ends the sessions of silent clients",
    changes: { noTimeouts: true },
    world: world("mutant", { users: 1, orders: [0b1], faults: { crash: 1 } }),
    violates: "run-ends",
  },
];
