import type { Fault } from "../fault.ts";

export const fault: Fault = {
  id: "kill-anytime",
  summary: "kill -9 of a member at a random moment: nginx loses an upstream with requests in progress",
  losesMembers: 1,
  async inject(stage) {
    const victim = stage.victim();
    await stage.progress(0.1 + stage.draw(60) / 100);
    if (victim.state === "dead") return;
    stage.mark(`${victim.name} killed`);
    await victim.kill();
  },
};
