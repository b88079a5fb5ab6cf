import type { Fault } from "../fault.ts";
import { listFaults } from "./registry.ts";

/** With `scale-twice` and a kill, no member could be left. */
const EXCLUDED = new Set(["none", "pair", "scale-twice"]);

const isCombined = ({ id, needsOwnServer, request }: Fault): boolean =>
  !EXCLUDED.has(id) && needsOwnServer !== true && request === undefined;

export const fault: Fault = {
  id: "pair",
  summary: "two other faults at the same time, by seed",
  async inject(stage) {
    const all = (await listFaults()).filter(isCombined);
    const first = all[stage.draw(all.length)];
    const second = all[stage.draw(all.length)];
    await Promise.all([first?.inject(stage), second?.inject(stage)]);
  },
};
