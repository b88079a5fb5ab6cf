import { createServer } from "node:net";
import { BenchError } from "../../lib/errors.ts";

/** All managed servers listen only on this address. */
export const LOOPBACK = "127.0.0.1";

/** @returns the port, for 0 any free one; null if another program uses it */
export function tryListen(port: number): Promise<number | null> {
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
 * A port on which no process listens; another process can take it at any time.
 * @param preferred returned if free; 0 for any port
 */
export async function freePort(preferred: number): Promise<number> {
  const port = (await tryListen(preferred)) ?? (await tryListen(0));
  if (port === null) throw new BenchError("SERVER_START_FAILED", `cannot open a port on ${LOOPBACK}`);
  return port;
}
