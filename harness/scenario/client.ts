/** Sends the requests of the load, and turns writes into HTTP. */
import { Agent, type Dispatcher } from "undici";
import type { Answer } from "./answers.ts";
import type { LoadTask } from "./load-messages.ts";
import type { NewWrite } from "./traffic.ts";

export interface WireRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly token: string | null;
  readonly body: unknown;
}

export const read = (path: string): WireRequest => ({ method: "GET", path, token: null, body: undefined });

export function wireWrite({ userId, ...write }: NewWrite, token: string): WireRequest {
  switch (write.kind) {
    case "badge":
      return {
        method: "PUT",
        path: `/users/${userId}/badges/${write.body.categoryId}`,
        token,
        body: { active: write.body.active },
      };
    case "order":
      return { method: "POST", path: `/users/${userId}/orders`, token, body: write.body };
    case "redeem":
      return { method: "POST", path: `/users/${userId}/coupons/${write.body.couponId}/redeem`, token, body: undefined };
    default:
      return write satisfies never;
  }
}

export class Client {
  readonly #agent: Agent;
  readonly #url: string;

  constructor({ url, timeoutMs }: Pick<LoadTask, "url" | "timeoutMs">) {
    this.#url = url;
    // one connection per request in progress: a request that waits for another's connection would close the loop
    this.#agent = new Agent({ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connectTimeout: timeoutMs, pipelining: 1 });
  }

  async send({ method, path, token, body }: WireRequest): Promise<Answer> {
    const response = await this.#agent.request({
      origin: this.#url,
      method,
      path,
      headers: {
        ...(token === null ? {} : { "idempotency-key": token }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const contentType = response.headers["content-type"];
    return {
      status: response.statusCode,
      contentType: typeof contentType === "string" ? contentType : "",
      text: await response.body.text(),
    };
  }
}
