/** HTTP servers on loopback in place of instances, where a test needs an answer that the service does not give at will. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";

export interface Backend extends AsyncDisposable {
  readonly address: string;
  /** `PUT /x` for each request that arrived */
  readonly received: string[];
}

/** @param answer by default 200 */
export async function startBackend(answer: RequestListener = (_request, response) => response.end("ok")): Promise<Backend> {
  const received: string[] = [];
  // longer than nginx keeps an idle connection, as in the service
  const server: Server = createServer({ keepAliveTimeout: 72_000 }, (request, response) => {
    received.push(`${request.method} ${request.url}`);
    request.resume();
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : null;
  return {
    address: `127.0.0.1:${port}`,
    received,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Reads the request and closes the connection: the client cannot see whether the instance has done the work. */
export const hangUp = (request: IncomingMessage): void => void request.on("end", () => request.socket.destroy());
