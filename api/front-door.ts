/**
 * Node's HTTP server with its limits, and the refusals ahead of the framework. A refusal must cost next to nothing, or refusals
 * would slow down the requests that the service accepts.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Metrics } from "./metrics.ts";
import type { ApiOptions } from "./options.ts";
import { ApiProblem, retryAfterSeconds } from "./problems.ts";

/**
 * The interval of Node's check for requests that arrive too slowly. With Node's default of 30 s they would keep their
 * connections for up to 30 s more.
 */
const TIMEOUT_CHECK_MS = 1_000;
/** Longer than the 60 s of common proxies: a connection that the service closes first fails a request of its proxy. */
const KEEP_ALIVE_MS = 72_000;
/** A connection without a byte in either direction, for example of a client that reads no answer; no statement waits so long. */
const SILENT_MS = 300_000;
/**
 * Requests of one connection without a complete answer. A client that sent 20,000 requests and read no answer took 1.3 GB of the
 * service's memory.
 */
const MAX_UNANSWERED = 50;

const NO_HOST = new ApiProblem("invalid-request", "the request has no Host header");
const EXPECTATION = new ApiProblem("expectation-failed", "the only known expectation is 100-continue");

/** @returns null to accept the request */
export type Refusal = (request: IncomingMessage) => ApiProblem | null;

interface PreparedAnswer {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer;
}

function prepare({ document, status }: ApiProblem): PreparedAnswer {
  const body = Buffer.from(JSON.stringify(document));
  return {
    headers: {
      "content-type": "application/problem+json",
      "content-length": body.length,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...(status === 503 && { "retry-after": String(retryAfterSeconds()) }),
    },
    body,
  };
}

export interface FrontDoorParts {
  readonly limits: Pick<ApiOptions, "arrivalMs" | "maxConnections">;
  readonly metrics: Metrics;
  /** true: every answer ends its connection */
  readonly isClosing: () => boolean;
}

export class FrontDoor {
  readonly #parts: FrontDoorParts;
  readonly #refusals: Refusal[] = [];
  readonly #answers = new Map<ApiProblem, PreparedAnswer>();
  readonly #unanswered = new WeakMap<Socket, number>();

  constructor(parts: FrontDoorParts) {
    this.#parts = parts;
  }

  addRefusal(refusal: Refusal): void {
    this.#refusals.push(refusal);
  }

  /** Creates the server for the framework's handler. */
  open(serve: RequestListener): Server {
    const { limits, metrics } = this.#parts;
    // Node limits headers by requestTimeout only if the constructor receives it; a property set later leaves them at 60 s.
    const server = createServer(
      {
        requestTimeout: limits.arrivalMs,
        connectionsCheckingInterval: TIMEOUT_CHECK_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        // Node would refuse such a request without a problem type.
        requireHostHeader: false,
      },
      (request, response) => this.#receive(request, response, serve),
    );
    server.maxConnections = limits.maxConnections;
    server.setTimeout(SILENT_MS);
    server.on("drop", () => metrics.closedConnections.inc({ reason: "too-many" }));
    server.on("checkExpectation", (_request, response) => this.#refuse(response, EXPECTATION));
    return server;
  }

  #receive(request: IncomingMessage, response: ServerResponse, serve: RequestListener): void {
    if (!this.#hasRoom(request.socket, response)) return;
    const isWithoutHost = request.httpVersion === "1.1" && request.headers.host === undefined;
    const problem = isWithoutHost ? NO_HOST : this.#refusalOf(request);
    if (problem === null) serve(request, response);
    else this.#refuse(response, problem);
  }

  #refusalOf(request: IncomingMessage): ApiProblem | null {
    for (const refusal of this.#refusals) {
      const problem = refusal(request);
      if (problem !== null) return problem;
    }
    return null;
  }

  /** Counts the requests of a connection, and closes a connection with too many unanswered ones. */
  #hasRoom(socket: Socket, response: ServerResponse): boolean {
    // The parser still delivers the requests of a chunk that arrived before the end of the connection.
    if (socket.destroyed) return false;
    const unanswered = (this.#unanswered.get(socket) ?? 0) + 1;
    if (unanswered > MAX_UNANSWERED) {
      this.#parts.metrics.closedConnections.inc({ reason: "unread" });
      socket.destroy();
      return false;
    }
    this.#unanswered.set(socket, unanswered);
    response.once("close", () => this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1));
    return true;
  }

  #refuse(response: ServerResponse, problem: ApiProblem): void {
    let answer = this.#answers.get(problem);
    if (answer === undefined) this.#answers.set(problem, (answer = prepare(problem)));
    if (this.#parts.isClosing()) response.setHeader("connection", "close");
    response.writeHead(problem.status, answer.headers).end(answer.body);
  }
}
