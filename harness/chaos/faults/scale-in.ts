import type { Fault } from "../fault.ts";

export const fault: Fault = {
  id: "scale-in",
  summary: "one member leaves in order in the middle of a run",
  async inject(stage) {
    await stage.progress(0.1 + stage.draw(30) / 100);
    stage.mark("one member leaves");
    await stage.scale(stage.members.length - 1);
  },
};
