import { clockMs } from "../../../lib/clock.ts";
import type { Fault } from "../fault.ts";

/** nginx takes about 1 s to send no more requests to the members that leave, and the run must last longer. */
const LONG_PAUSE_MS = 500;

export const fault: Fault = {
  id: "scale-twice",
  summary: "two members leave one after the other, within one lease",
  losesMembers: 2,
  async inject(stage) {
    stage.pauseAtLeast(LONG_PAUSE_MS);
    const everyMs = stage.draw(stage.leaseMs / 2);
    await stage.progress(0.1 + stage.draw(10) / 100);
    if (stage.runEnded.aborted) return;
    const leftAtMs: number[] = [];
    await stage.scaleBy(-2, {
      everyMs,
      onLeft({ name }) {
        if (stage.runEnded.aborted) return;
        stage.mark(`${name} has left`);
        leftAtMs.push(clockMs());
      },
    });
    const [first = 0, second = Number.POSITIVE_INFINITY] = leftAtMs;
    if (second - first > stage.leaseMs) stage.missed("two members did not leave within one lease of the run");
  },
};
