import type { Fault } from "../fault.ts";

export const fault: Fault = {
  id: "none",
  summary: "nothing happens: the harness itself must find nothing",
  async inject(stage) {
    await stage.progress(0.5);
    stage.mark("nothing");
  },
};
