import type { Fault } from "../fault.ts";

export const fault: Fault = {
  id: "scale-out",
  summary: "one more member joins in the middle of a run",
  async inject(stage) {
    await stage.progress(0.1 + stage.draw(30) / 100);
    stage.mark("one more member starts");
    await stage.scale(stage.members.length + 1);
    stage.mark("the new member has joined");
  },
};
