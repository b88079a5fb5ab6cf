import type { Fault } from "../fault.ts";
import { insideTransaction } from "../proxy/points.ts";

export const fault: Fault = {
  id: "connections-cut",
  summary: "all connections of a member end inside its transaction",
  async inject(stage) {
    const victim = stage.victim();
    if ((await stage.reach(victim, insideTransaction, stage.draw(3))) === null) return;
    stage.mark(`all connections of ${victim.name} cut`);
    victim.proxy.cutAll();
  },
};
