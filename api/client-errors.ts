/** Answers to requests that Node's parser refuses: the framework and its error handler never receive them. */
import type { ConnectionError } from "fastify";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { ApiProblem } from "./problems.ts";

const PROBLEMS: Readonly<Record<string, ApiProblem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: new ApiProblem("request-timeout", "send the whole request at once"),
  HPE_HEADER_OVERFLOW: new ApiProblem("headers-too-large", "the headers are larger than the limit of the service"),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new ApiProblem(
    "body-too-large",
    "the chunk extensions are larger than the limit of the service",
  ),
};
const INVALID = new ApiProblem("invalid-request", "the request is not valid HTTP");

/** A response whose head the client already received; the socket of Node's server has it. */
const hasBegun = (socket: Socket): boolean =>
  (socket as { _httpMessage?: { headersSent?: boolean } | null })._httpMessage?.headersSent === true;

/** A connection that ends while bytes of its client are unread is reset, and the client loses the answer. */
const READ_ON_MS = 1_000;
const answered = new WeakSet<Socket>();

export function answerClientError(error: ConnectionError, socket: Socket): void {
  // The parser reports each further chunk of the refused request too.
  if (error.code === "ECONNRESET" || socket.destroyed || answered.has(socket)) return;
  // A second head inside a response would become a part of its body.
  if (!socket.writable || hasBegun(socket)) {
    socket.destroy();
    return;
  }
  answered.add(socket);
  const { document } = PROBLEMS[error.code] ?? INVALID;
  const body = JSON.stringify(document);
  const head = [
    `HTTP/1.1 ${document.status} ${STATUS_CODES[document.status] ?? ""}`,
    "connection: close",
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    "cache-control: no-store",
    "x-content-type-options: nosniff",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), READ_ON_MS).unref();
}
