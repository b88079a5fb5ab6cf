import { cpuMsOf } from "../process-cpu.ts";
import { differences, type ServerProbe } from "./probe.ts";

export const probe: ServerProbe = {
  id: "server-cpu",
  subject: "the server's CPU time",

  async open({ serverPid }) {
    if (serverPid === null || (await cpuMsOf(serverPid)) === null)
      return { missing: "the server is not a process of this machine" };
    return differences(
      async () => {
        const cpuMs = await cpuMsOf(serverPid);
        return new Map(cpuMs === null ? [] : [["cpu", cpuMs]]);
      },
      (grown) => ({ serverCpuMs: grown("cpu") }),
    );
  },
};
