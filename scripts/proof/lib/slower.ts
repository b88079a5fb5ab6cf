import { clockMs } from "../../../lib/clock.ts";
import { strategy as setBased } from "../../../strategies/set-based.ts";
import type { Strategy } from "../../../strategies/strategy.ts";

/**
 * Runs the reference and then real work of a known size: the client computes for a fraction of the time that the job took.
 * @param fraction 0.2: a fifth longer
 */
export const slowerBy = (fraction: number): Strategy => ({
  ...setBased,
  id: `set-based-${Math.round(fraction * 100)}-percent-slower`,
  summary: `set-based, and then computing for ${Math.round(fraction * 100)} % of its time`,
  async run(context) {
    const startedAt = clockMs();
    await setBased.run(context);
    const until = clockMs() + fraction * (clockMs() - startedAt);
    while (clockMs() < until);
  },
});
