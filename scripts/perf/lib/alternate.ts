/** Alternates both sides of a comparison, so that drift of the machine affects both. */
import { shuffled } from "../../../harness/statistics/shuffle.ts";
import { clockMs } from "../../../lib/clock.ts";
import type { PerfContext } from "./measure.ts";
import { duration } from "../../../harness/text/format.ts";

export interface Sides<Base, Candidate> {
  base(): Promise<Base>;
  candidate(): Promise<Candidate>;
}

/**
 * Runs both sides once per pair, in an order that is random within the pair.
 * @param options.warmUp whether to run a first pair and drop its times
 */
export async function alternate<Base, Candidate>(
  { pairs, seed, signal, log }: PerfContext,
  what: string,
  sides: Sides<Base, Candidate>,
  options: { warmUp: boolean },
): Promise<{ base: Base; candidate: Candidate }[]> {
  const taken: { base: Base; candidate: Candidate }[] = [];
  for (let pair = options.warmUp ? 0 : 1; pair <= pairs; pair += 1) {
    const startedAt = clockMs();
    const [baseFirst] = shuffled([true, false], seed + pair);
    signal.throwIfAborted();
    const before = baseFirst === true ? await sides.base() : undefined;
    signal.throwIfAborted();
    const candidate = await sides.candidate();
    signal.throwIfAborted();
    const base = before ?? (await sides.base());
    log.info(`${what}: ${pair === 0 ? "warm-up" : `pair ${pair} of ${pairs}`}, ${duration(clockMs() - startedAt)}`);
    if (pair > 0) taken.push({ base, candidate });
  }
  return taken;
}
