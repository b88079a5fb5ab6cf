/** Sends each request when it is due, independent of earlier answers (open loop). A separate process; started by load.ts. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Agent, errors, type Dispatcher } from "undici";
import { messageOf } from "../../lib/errors.ts";
import { clockMs } from "../../lib/clock.ts";
import type { FollowedUp, FromLoad, LoadTask, SentRequest, ToLoad } from "./load-messages.ts";
import { arrivalAt, type Arrival } from "./traffic.ts";

/** Parallel requests for the state of accepted writes. */
const FOLLOW_UPS = 16;
const UNKNOWN_OUTCOME = "outcome-unknown";

const send = (message: FromLoad): void => void process.send?.(message);

interface Answer {
  readonly status: number;
  readonly text: string;
}

class Client {
  readonly #agent: Agent;
  readonly #url: string;

  constructor({ url, timeoutMs }: Pick<LoadTask, "url" | "timeoutMs">) {
    this.#url = url;
    // one connection per request in progress: a request that waits for another's connection would close the loop
    this.#agent = new Agent({ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connectTimeout: timeoutMs, pipelining: 1 });
  }

  async send(method: Dispatcher.HttpMethod, path: string, token: string | null, body: unknown): Promise<Answer> {
    const headers = {
      ...(token === null ? {} : { "idempotency-key": token }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const response = await this.#agent.request({
      origin: this.#url,
      method,
      path,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.statusCode, text: await response.body.text() };
  }
}

function addressOf({ userId, request }: Arrival): [Dispatcher.HttpMethod, string, unknown] {
  switch (request.kind) {
    case "read":
      return ["GET", `/users/${userId}/membership`, undefined];
    case "badge":
      return ["PUT", `/users/${userId}/badges/${request.body.categoryId}`, { active: request.body.active }];
    case "order":
      return ["POST", `/users/${userId}/orders`, request.body];
    case "redeem":
      return ["POST", `/users/${userId}/coupons/${request.body.couponId}/redeem`, undefined];
    default:
      return request satisfies never;
  }
}

/** The name of an RFC 9457 problem, else the status. */
function problemOf({ status, text }: Answer): string {
  const [, name] = /"type":"\/problems\/([\w-]+)"/.exec(text) ?? [];
  return name ?? `status ${status}`;
}

type Classified = Pick<SentRequest, "outcome" | "failure"> & { readonly result: "applied" | "accepted" | "refused" | "unknown" };

function classifyAnswer(kind: Arrival["request"]["kind"], answer: Answer): Classified {
  const { status } = answer;
  if (status === 200 || status === 201)
    return { outcome: kind === "read" ? "read" : "applied", failure: null, result: "applied" };
  if (status === 202) return { outcome: "accepted", failure: null, result: "accepted" };
  const failure = problemOf(answer);
  if (status === 404 || status === 409) return { outcome: "declined", failure, result: "refused" };
  // every 503 except `outcome-unknown` guarantees that the service wrote nothing; other 5xx leave the outcome unknown
  const isDefinite = status < 500 || (status === 503 && failure !== UNKNOWN_OUTCOME);
  return { outcome: "failed", failure, result: isDefinite ? "refused" : "unknown" };
}

function classifyError(error: unknown): Classified {
  const isTimeout = error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError;
  return { outcome: "failed", failure: isTimeout ? "client-timeout" : "connection", result: "unknown" };
}

async function perform(client: Client, arrival: Arrival, intendedAtMs: number): Promise<SentRequest> {
  const { userId, request } = arrival;
  const token = request.kind === "read" ? null : randomUUID();
  const sentAtMs = clockMs();
  let answeredAtMs: number | null = null;
  let classified: Classified;
  try {
    const answer = await client.send(...addressWithToken(arrival, token));
    answeredAtMs = clockMs();
    classified = classifyAnswer(request.kind, answer);
  } catch (error) {
    classified = classifyError(error);
  }
  const { outcome, failure, result } = classified;
  return {
    userId,
    intendedAtMs,
    sentAtMs,
    answeredAtMs,
    endedAtMs: answeredAtMs ?? clockMs(),
    outcome,
    failure,
    write: token === null || request.kind === "read" ? null : { token, kind: request.kind, body: request.body, result },
  };
}

function addressWithToken(arrival: Arrival, token: string | null): Parameters<Client["send"]> {
  const [method, path, body] = addressOf(arrival);
  return [method, path, token, body];
}

const stopping = new AbortController();
let client: Client | null = null;

async function drive(task: LoadTask): Promise<void> {
  const own = (client = new Client(task));
  const underWay: Promise<SentRequest>[] = [];
  let dueAtMs = clockMs();
  send({ type: "started", atMs: dueAtMs });
  for (let index = 0; !stopping.signal.aborted; index += 1) {
    const arrival = arrivalAt(task.traffic, index);
    dueAtMs += arrival.gapMs;
    const leftMs = dueAtMs - clockMs();
    // send overdue requests at once, so that a late generator does not lower the rate
    if (leftMs > 0) await delay(leftMs);
    if (stopping.signal.aborted) break;
    underWay.push(perform(own, arrival, dueAtMs));
  }
  send({ type: "sent", requests: await Promise.all(underWay) });
}

async function followUp(tokens: readonly string[]): Promise<void> {
  const left = [...tokens];
  const results: FollowedUp[] = [];
  const worker = async (): Promise<void> => {
    for (let token = left.pop(); token !== undefined; token = left.pop()) {
      const answer = await client?.send("GET", `/requests/${token}`, null, undefined);
      if (answer?.status !== 200) {
        results.push({ token, status: `status ${answer?.status ?? 0}`, appliedAfterMs: null });
        continue;
      }
      const { status, acceptedAt, appliedAt } = JSON.parse(answer.text) as Record<string, string | null | undefined>;
      // a write that the service finally refused has a time too, but no effect
      const hasEffect = status === "applied" && acceptedAt != null && appliedAt != null;
      const afterMs = hasEffect ? new Date(appliedAt).getTime() - new Date(acceptedAt).getTime() : null;
      results.push({ token, status: status ?? "unknown", appliedAfterMs: afterMs });
    }
  };
  await Promise.all(Array.from({ length: FOLLOW_UPS }, worker));
  send({ type: "followed-up", results });
}

const guarded = (work: Promise<void>): void =>
  void work.catch((error: unknown) => send({ type: "failed", message: messageOf(error) }));

process.on("message", (message: ToLoad) => {
  if (message.type === "start") guarded(drive(message.task));
  else if (message.type === "stop") stopping.abort();
  else guarded(followUp(message.tokens));
});
process.on("disconnect", () => process.exit());
// Ctrl-C signals the whole process group; the harness stops this process itself
process.on("SIGINT", () => {});
