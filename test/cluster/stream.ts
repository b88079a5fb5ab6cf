/** A stream of requests over kept connections, for changes during which no request may fail. */
import { Agent, request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

const CLIENTS = 8;

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface StreamResult {
  /** the status of each answer, with its count */
  readonly statuses: ReadonlyMap<number, number>;
  /** the errors of requests without an answer */
  readonly errors: readonly string[];
  /** the number of answers per instance */
  readonly perInstance: ReadonlyMap<string, number>;
}

export interface RequestStream {
  /** requests answered so far */
  answered(): number;
  stop(): Promise<StreamResult>;
}

/** Each of eight clients sends its next request when it has the answer to the one before. */
export function streamRequests(url: string, next: (count: number) => Sent): RequestStream {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const statuses = new Map<number, number>();
  const perInstance = new Map<string, number>();
  const errors: string[] = [];
  const controller = new AbortController();
  let [count, answered] = [0, 0];
  const add = <Key>(counts: Map<Key, number>, key: Key): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  const send = async ({ method, path, body = "", headers = {} }: Sent): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const length = body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const outgoing = request(`${url}${path}`, { method, agent, headers: { ...headers, ...length } }, resolve);
    outgoing.once("error", reject);
    outgoing.end(body);
    try {
      const response = await promise;
      await text(response);
      answered += 1;
      add(statuses, response.statusCode ?? 0);
      add(perInstance, String(response.headers["x-upstream"]));
    } catch (error) {
      errors.push(String(error));
    }
  };
  const client = async (): Promise<void> => {
    while (!controller.signal.aborted) await send(next(count++));
  };
  const clients = Array.from({ length: CLIENTS }, client);
  return {
    answered: () => answered,
    async stop() {
      controller.abort();
      await Promise.all(clients);
      agent.destroy();
      return { statuses, errors, perInstance };
    },
  };
}
