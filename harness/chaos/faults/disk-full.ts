import type { Fault } from "../fault.ts";

/** Of the server's binary log, beyond its present size: less than one round writes. */
const ROOM_BYTES = 4_096;

export const fault: Fault = {
  id: "disk-full",
  summary:
    "the binary log of the MySQL server cannot grow, so that the server ends in the middle of a write; then it starts with room",
  needsOwnServer: true,
  async inject(stage) {
    const { server } = stage;
    await stage.progress(0.1 + stage.draw(50) / 100);
    if (server === null || stage.runEnded.aborted || !(await server.fillDisk(ROOM_BYTES))) return;
    for (const member of stage.members) member.isExpected = false;
    stage.mark("the disk is full");
    await server.untilEnded();
    await server.start();
    stage.mark("MySQL answers");
  },
};
