import type { Fault } from "../fault.ts";
import { insideTransaction } from "../proxy/points.ts";

const POLL_MS = 20;
/** The process has received the request to close. */
const RECEIVED_MS = 100;

export const fault: Fault = {
  id: "scale-in",
  summary: "one member leaves in order while one of its rounds is inside its transaction",
  losesMembers: 1,
  async inject(stage) {
    const leaving = stage.members.at(-1);
    const held = leaving === undefined ? null : await stage.reach(leaving, insideTransaction, stage.draw(3));
    if (leaving === undefined || held === null) return;
    const scaled = new AbortController();
    const scaling = stage.scaleBy(-1).finally(() => scaled.abort());
    // Awaited below; a failure before that must not end the process.
    scaling.catch(() => {});
    // nginx must send no more requests to the member before it closes.
    while (leaving.state !== "dead" && !scaled.signal.aborted) await stage.wait(POLL_MS);
    if (scaled.signal.aborted || !held.isAlive) stage.missed(`the round of ${leaving.name} did not last until its end`);
    else stage.mark(`${leaving.name} leaves inside its transaction`);
    await stage.wait(RECEIVED_MS);
    held.pass();
    await scaling;
  },
};
