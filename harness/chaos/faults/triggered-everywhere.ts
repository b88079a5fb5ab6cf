import type { Fault } from "../fault.ts";

const TIMES = 3;
const EVERY_MS = 300;

export const fault: Fault = {
  id: "triggered-everywhere",
  summary: "each member receives the request of the same batch in the same instant, three times",
  async inject(stage) {
    stage.mark("batch requested on all members");
    const requests: Promise<number>[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      stage.again();
      requests.push(...stage.members.map((member) => stage.trigger(member)));
      await stage.wait(EVERY_MS);
    }
    const accepted = (await Promise.all(requests)).filter((status) => status === 202).length;
    stage.remark(`${accepted} of ${requests.length} requests accepted`);
  },
};
