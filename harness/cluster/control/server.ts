/** The supervisor's socket: takes commands of the verbs as HTTP with JSON. The rights of its folder decide who can connect. */
import { chmod } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { BenchError, reasonOf } from "../../../lib/errors.ts";
import { commandSchema, type Command } from "./commands.ts";

export type Handle = (command: Command) => Promise<unknown>;

const refusalOf = (error: unknown) =>
  error instanceof BenchError
    ? { code: error.code, message: error.message, fix: error.fix }
    : { code: "SERVICE_FAILED", message: reasonOf(error), fix: undefined };

async function answer(request: IncomingMessage, response: ServerResponse, handle: Handle): Promise<void> {
  response.setHeader("content-type", "application/json");
  try {
    const result = await handle(commandSchema.parse(await json(request)));
    response.end(JSON.stringify(result ?? null));
  } catch (error) {
    response.statusCode = 500;
    response.end(JSON.stringify(refusalOf(error)));
  }
}

/** Disposing refuses new commands and waits for the answers to earlier ones. */
export async function listenForCommands(path: string, handle: Handle): Promise<AsyncDisposable> {
  const server = createServer((request, response) => void answer(request, response, handle));
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(path, resolve);
  await listening;
  await chmod(path, 0o600);
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeIdleConnections();
      }),
  };
}
