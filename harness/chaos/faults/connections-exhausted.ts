import type { Fault } from "../fault.ts";

export const fault: Fault = {
  id: "connections-exhausted",
  summary: "max_connections is reached for two leases, after a member lost all its connections",
  needsOwnServer: true,
  async inject(stage) {
    const victim = stage.victim();
    await stage.progress(0.1 + stage.draw(40) / 100);
    if (stage.runEnded.aborted) return;
    for (const member of stage.members) member.isExpected = false;
    stage.mark("max_connections reached");
    await stage.execute("SET GLOBAL max_connections = 10");
    try {
      victim.proxy.cutAll();
      await stage.wait(2 * stage.leaseMs);
    } finally {
      await stage.execute("SET GLOBAL max_connections = 300");
    }
    stage.mark("max_connections raised");
  },
};
