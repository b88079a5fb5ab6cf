/**
 * A server in a separate process, for a parent process that measures it. Its options arrive as a message, because other
 * users can read a process's arguments and environment, and the options contain a password and a token. The server ends when
 * the parent disconnects.
 */
import { messageOf } from "../lib/errors.ts";
import type { FromServer, ToServer } from "./messages.ts";
import { startServer, type ApiServer } from "./server.ts";

let starting: Promise<ApiServer> | null = null;

const send = (message: FromServer): void => void process.send?.(message);

async function start(options: Parameters<typeof startServer>[0]): Promise<void> {
  try {
    starting = startServer(options);
    send({ type: "ready", url: (await starting).url, pid: process.pid });
  } catch (error) {
    send({ type: "failed", message: messageOf(error) });
    process.disconnect();
  }
}

async function readMetrics(): Promise<void> {
  const server = await starting;
  if (server !== null) send({ type: "metrics", metrics: await server.readMetrics() });
}

async function close(): Promise<void> {
  const server = await starting?.catch(() => null);
  await server?.close();
  if (process.connected) process.disconnect();
  // The socket of a silent database server would keep the process until the system gives up, after many minutes.
  process.exit();
}

process.on("message", (message: ToServer) => {
  if (message.type === "start") void start(message.options);
  else void (message.type === "read-metrics" ? readMetrics() : close());
});
// Ctrl-C reaches all processes of a terminal. The parent process decides when this one ends.
process.on("SIGINT", () => {});
process.once("disconnect", () => void close());
