import { duration } from "../text/format.ts";
import { good, note, type Check } from "./check.ts";

/** Beyond the same zone. */
const FAR_MS = 1;
/** Same machine or the next rack. */
const NEAR_MS = 0.3;

export const check: Check = {
  id: "distance",
  title: "Distance to the server",
  isSlow: false,
  async run({ environment: { server } }) {
    const { rttMs } = server;
    const values = { rttMs };
    const took = duration(rttMs);
    if (rttMs === null) return [note("the round trip could not be measured", null, values)];
    if (rttMs > FAR_MS)
      return [note(`a round trip takes ${took}: techniques with many statements pay it each time`, null, values)];
    if (rttMs < NEAR_MS)
      return [
        note(
          `a round trip takes ${took}: nearer than most applications are to their database`,
          "--add-rtt 0,0.5,1,5 shows what your distance costs",
          values,
        ),
      ];
    return [good(`a round trip takes ${took}`, values)];
  },
};
