import { createServer } from "node:net";
import { BenchError } from "../../lib/errors.ts";

/** Every server of ours listens here and nowhere else. */
export const LOOPBACK = "127.0.0.1";

function tryListen(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : null;
      server.close(() => resolve(bound));
    });
  });
}

/**
 * A port on which nobody listens now; it may be taken a moment later.
 * @param preferred taken if it is free; 0 for any
 */
export async function freePort(preferred: number): Promise<number> {
  const port = (await tryListen(preferred)) ?? (await tryListen(0));
  if (port === null) throw new BenchError("SERVER_START_FAILED", `no port can be opened on ${LOOPBACK}`);
  return port;
}
