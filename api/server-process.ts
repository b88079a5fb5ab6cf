/**
 * A server in a process of its own, started by whoever measures it. Its options come by message, because a process's arguments
 * and environment are everybody's to read and there are a password and a token in them. It ends with whoever started it.
 */
import { messageOf } from "../lib/errors.ts";
import type { FromServer, ToServer } from "./messages.ts";
import { startServer, type ApiServer } from "./server.ts";

let starting: Promise<ApiServer> | null = null;

const tell = (message: FromServer): void => void process.send?.(message);

async function start(options: Parameters<typeof startServer>[0]): Promise<void> {
  try {
    starting = startServer(options);
    tell({ type: "ready", url: (await starting).url, pid: process.pid });
  } catch (error) {
    tell({ type: "failed", message: messageOf(error) });
    process.disconnect();
  }
}

async function readMetrics(): Promise<void> {
  const server = await starting;
  if (server !== null) tell({ type: "metrics", metrics: await server.readMetrics() });
}

async function close(): Promise<void> {
  const server = await starting?.catch(() => null);
  await server?.close();
  if (process.connected) process.disconnect();
}

process.on("message", (message: ToServer) => {
  if (message.type === "start") void start(message.options);
  else void (message.type === "read-metrics" ? readMetrics() : close());
});
// Ctrl-C reaches all processes of a terminal; whoever started this one decides.
process.on("SIGINT", () => {});
process.once("disconnect", () => void close());
