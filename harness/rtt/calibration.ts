/** Measures the latency that a proxy adds, with an idle client before the run. */
import { connect, execute } from "../../lib/connection.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { clockMs } from "../../lib/clock.ts";
import { milliseconds } from "../text/format.ts";

const WARM_UP_QUERIES = 20;
const MAX_QUERIES = 200;
const MIN_QUERIES = 5;
/** A long delay needs few queries: its relative error is smaller. */
const MAX_CALIBRATION_MS = 1_000;
/** A deviation above the larger of these two causes a warning. */
const TOLERANCE_MS = 0.2;
const TOLERANCE_FRACTION = 0.1;

/** Round-trip times of an empty query on one connection, in ms. */
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

/** @returns a warning if the added delay differs from the requested one, else null */
export function delayWarning(requestedMs: number, addedMs: number): string | null {
  const isExact = Math.abs(addedMs - requestedMs) <= Math.max(TOLERANCE_MS, TOLERANCE_FRACTION * requestedMs);
  return isExact
    ? null
    : `the proxy added ${milliseconds(addedMs, 2)} to each round trip instead of ${requestedMs} ms (a busy machine makes it late)`;
}
