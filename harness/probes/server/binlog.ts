import { select } from "../../../lib/connection.ts";
import { differences, type ServerProbe } from "./probe.ts";

export const probe: ServerProbe = {
  id: "binlog",
  subject: "bytes of the binary log",

  async open({ admin }) {
    const [setting] = await select<{ Value: string }>(admin, "SHOW GLOBAL VARIABLES LIKE 'log_bin'");
    if (setting === undefined) return { missing: "the server does not show log_bin" };
    if (setting.Value !== "ON") return { start: async () => {}, finish: async () => ({ binlogBytes: 0 }) };
    // the sum of all files: a sample can start in one file and end in the next
    const read = async (): Promise<Map<string, number>> => {
      const files = await select<{ File_size: number | string }>(admin, "SHOW BINARY LOGS");
      return new Map([["bytes", files.reduce((sum, { File_size: bytes }) => sum + Number(bytes), 0)]]);
    };
    await read();
    return differences(read, (grown) => ({ binlogBytes: grown("bytes") }));
  },
};
