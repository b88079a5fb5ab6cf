/** All steps, and the place of each in a thread's memory. */
import type { ThreadKind } from "../layout.ts";
import type { Step } from "../step.ts";
import { DRAIN_STEPS } from "./drain.ts";
import { END_STEPS } from "./finish.ts";
import { POLL_STEPS } from "./poll.ts";
import { REQUEST_STEPS } from "./request.ts";
import { ROUND_STEPS } from "./round.ts";
import { SELECT_STEPS } from "./select.ts";
import { START_STEPS } from "./start.ts";

const STEPS: readonly Step[] = [
  ...POLL_STEPS,
  ...SELECT_STEPS,
  ...ROUND_STEPS,
  ...END_STEPS,
  ...START_STEPS,
  ...REQUEST_STEPS,
  ...DRAIN_STEPS,
];

/** Place 0 of a thread. The other places are 1 + the index in `STEPS`. */
const FIRST: Readonly<Record<ThreadKind, string>> = {
  batch: "poll.run",
  drain: "drain.wake",
  post: "post.send",
  request: "request.send",
};

export const PLACES: ReadonlyMap<string, number> = new Map(STEPS.map(({ id }, index) => [id, index + 1]));

const firstSteps = Object.fromEntries(
  Object.entries(FIRST).map(([kind, id]) => [kind, STEPS.find((step) => step.id === id)]),
) as Record<ThreadKind, Step>;

export function stepAt(kind: ThreadKind, place: number): Step {
  const step = place === 0 ? firstSteps[kind] : STEPS[place - 1];
  if (step === undefined) throw new Error(`the model has no place ${place}`);
  return step;
}
