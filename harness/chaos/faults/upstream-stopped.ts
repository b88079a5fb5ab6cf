import type { Fault } from "../fault.ts";
import { beforeKey } from "../proxy/points.ts";

/** Longer than nginx waits for an answer. */
const STOPPED_MS = 6_000;

export const fault: Fault = {
  id: "upstream-stopped",
  summary: "SIGSTOP of an upstream of nginx while it has a write in progress, for 6 s: nginx gives the write up",
  async inject(stage) {
    const victim = stage.victim();
    await stage.progress(0.1);
    const held = await stage.reach(victim, beforeKey);
    if (held === null) return;
    stage.mark(`${victim.name} stopped inside a write`);
    victim.stop();
    held.pass();
    await stage.wait(STOPPED_MS);
    stage.mark(`${victim.name} continues`);
    victim.continue();
  },
};
