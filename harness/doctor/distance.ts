import { duration } from "../text/format.ts";
import { good, note, type Check } from "./check.ts";

/** A longer round trip leaves the availability zone. */
const FAR_MS = 1;
/** A shorter round trip stays on the machine or in the rack. */
const NEAR_MS = 0.3;

export const check: Check = {
  id: "distance",
  title: "Distance to the server",
  isSlow: false,
  async run({ environment: { server } }) {
    const { rttMs } = server;
    const values = { rttMs };
    const took = duration(rttMs);
    if (rttMs === null) return [note("bench could not measure the round trip", null, values)];
    if (rttMs > FAR_MS) return [note(`a round trip takes ${took}: a technique waits that long for each statement`, null, values)];
    if (rttMs < NEAR_MS)
      return [
        note(
          `a round trip takes ${took}: shorter than between most applications and their database`,
          "measure the effect of a longer round trip with --add-rtt 0,0.5ms,1ms,5ms",
          values,
        ),
      ];
    return [good(`a round trip takes ${took}`, values)];
  },
};
