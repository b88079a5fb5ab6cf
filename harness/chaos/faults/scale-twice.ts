import type { Fault } from "../fault.ts";

export const fault: Fault = {
  id: "scale-twice",
  summary: "two members leave one after the other, within one lease",
  async inject(stage) {
    await stage.progress(0.1 + stage.draw(20) / 100);
    stage.mark("one member leaves");
    await stage.scale(stage.members.length - 1);
    stage.mark("another member leaves");
    await stage.scale(stage.members.length - 1);
  },
};
