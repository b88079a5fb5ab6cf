/** Faults of T1. */
import { world } from "../world.ts";
import type { Mutant } from "./mutant.ts";

export const START_MUTANTS: readonly Mutant[] = [
  {
    id: "older-date",
    without: "T1 refuses a date if a newer date has a row",
    changes: { olderDate: true },
    world: world("mutant", {
      users: 1,
      dates: 2,
      clock: [2, 2],
      posts: [
        { date: 1, member: 0, abandon: false },
        { date: 2, member: 1, abandon: false },
      ],
      orders: [0b1, 0b1],
    }),
    violates: "date-order",
  },
  {
    id: "ignores-selecting",
    without: "T1 refuses beside a run that is selecting",
    changes: { ignoresSelecting: true },
    world: world("mutant", {
      users: 1,
      dates: 2,
      clock: [2, 2],
      posts: [
        { date: 1, member: 0, abandon: false },
        { date: 2, member: 1, abandon: false },
      ],
      orders: [0b1, 0b1],
    }),
    violates: "date-order",
  },
  {
    id: "resumes-as-running",
    without: "a failed run without targets resumes as selecting",
    changes: { resumesAsRunning: true },
    world: world("mutant", { users: 1, orders: [0b1], members: 1, live: 0b1, faults: { error: 1 } }),
    violates: "none-missed",
  },
];
