import type { Fault } from "../fault.ts";
import { listFaults } from "./registry.ts";

const ID = "pair";

/** Faults that can happen at the same time as any other one. */
const isCombined = ({ id, needsOwnServer, request }: Fault): boolean =>
  id !== ID && id !== "none" && needsOwnServer !== true && request === undefined;

export const fault: Fault = {
  id: ID,
  summary: "two other faults at the same time, by seed",
  async inject(stage) {
    const all = (await listFaults()).filter(isCombined);
    const first = all[stage.draw(all.length)];
    const second = all[stage.draw(all.length)];
    await Promise.all([first?.inject(stage), second?.inject(stage)]);
  },
};
