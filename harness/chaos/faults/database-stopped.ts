import type { Fault } from "../fault.ts";

export const fault: Fault = {
  id: "database-stopped",
  summary: "a clean shutdown of the MySQL server in the middle of a run, and its restart",
  needsOwnServer: true,
  async inject(stage) {
    const { server } = stage;
    await stage.progress(0.1 + stage.draw(50) / 100);
    // After an interruption, a restart would leave a server behind.
    if (server === null || stage.runEnded.aborted) return;
    for (const member of stage.members) member.isExpected = false;
    stage.mark("MySQL stops");
    await server.stop();
    await server.start();
    stage.mark("MySQL answers");
  },
};
