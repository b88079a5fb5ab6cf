/** What a proxy really adds, measured by a client that does nothing else, before the run. */
import { connect, execute } from "../../lib/connection.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { clockMs } from "../../lib/clock.ts";

const WARM_UP_QUERIES = 20;
const MAX_QUERIES = 200;
const MIN_QUERIES = 5;
/** Long delays are measured a few times: they are as exact as short ones. */
const MAX_CALIBRATION_MS = 1_000;
/** Beyond the larger of these the delay is not what was asked for. */
const TOLERANCE_MS = 0.2;
const TOLERANCE_SHARE = 0.1;

/** Round trips of an empty query over one connection, in milliseconds. */
export async function roundTripTimesMs(target: ConnectionTarget): Promise<number[]> {
  const connection = await connect(target, { withSchema: false });
  try {
    const times: number[] = [];
    const startedAt = clockMs();
    for (let query = 0; query < WARM_UP_QUERIES + MAX_QUERIES; query += 1) {
      const from = clockMs();
      await execute(connection, "DO 0");
      if (query >= WARM_UP_QUERIES || from - startedAt > MAX_CALIBRATION_MS) times.push(clockMs() - from);
      if (times.length >= MIN_QUERIES && clockMs() - startedAt > MAX_CALIBRATION_MS) break;
    }
    return times;
  } finally {
    connection.destroy();
  }
}

/** @returns what to say of a delay that is not the one that was asked for; null where it is */
export function delayWarning(askedMs: number, addedMs: number): string | null {
  const isExact = Math.abs(addedMs - askedMs) <= Math.max(TOLERANCE_MS, TOLERANCE_SHARE * askedMs);
  return isExact
    ? null
    : `the proxy added ${addedMs.toFixed(2)} ms to each round trip instead of ${askedMs} ms (a busy machine makes it late)`;
}
