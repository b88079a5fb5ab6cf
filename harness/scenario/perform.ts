/**
 * Performs one request of the traffic: a write with its bounded retries under one key, its repetition, another write under its
 * key, or a read of it.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Attempt, OwnRead } from "../../consistency/index.ts";
import { clockMs } from "../../lib/clock.ts";
import { classifyAnswer, classifyError, problemNameOf, type Answer, type Classified } from "./answers.ts";
import { read, wireWrite, type Client, type WireRequest } from "./client.ts";
import type { SentRequest, SentWrite } from "./load-messages.ts";
import type { Arrival, NewWrite } from "./traffic.ts";

/** The service's `Retry-After`; doubled for each further retry. */
const RETRY_MS = 1_000;
const BUSY = 503;
const KEY_REUSED = 422;

interface Exchange {
  readonly sentAtMs: number;
  readonly answeredAtMs: number | null;
  readonly endedAtMs: number;
  /** null: no answer */
  readonly answer: Answer | null;
  readonly classified: Classified;
}

type Part = Pick<SentRequest, "write" | "reuse" | "ownRead">;
const NOTHING: Part = { write: null, reuse: null, ownRead: null };

const jsonOf = ({ text }: Answer): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

function attemptOf({ sentAtMs, answeredAtMs, endedAtMs, answer, classified }: Exchange): Attempt {
  const { result } = classified;
  const body = answer !== null && result === "applied" ? jsonOf(answer) : null;
  return { sentAtMs, answeredAtMs, endedAtMs, result, status: answer?.status ?? null, answer: body };
}

/** A refusal for certain by a rule is final. */
const isRetried = ({ result, status }: Attempt): boolean => result === "unknown" || status === BUSY;

/** @returns null for an answer that shows nothing about the write */
function ownReadOf(of: "request" | "badge", { write }: { write: NewWrite }, exchange: Exchange): OwnRead | null {
  const { sentAtMs, answeredAtMs, answer } = exchange;
  if (answer === null || answeredAtMs === null) return null;
  const times = { sentAtMs, answeredAtMs };
  if (of === "request" && problemNameOf(answer) === "request-not-found") return { ...times, of, status: null, response: null };
  if (exchange.classified.outcome !== "read") return null;
  const body = jsonOf(answer);
  if (of === "request") {
    const status = body["status"] as "pending" | "applied" | "refused";
    return { ...times, of, status, response: (body["response"] as Record<string, unknown> | undefined) ?? null };
  }
  const badges = body["badges"] as readonly { categoryId: number; active: boolean }[];
  const own = write.kind === "badge" ? badges.find(({ categoryId }) => categoryId === write.body.categoryId) : undefined;
  return { ...times, of, active: own?.active ?? null };
}

export class Performer {
  readonly #client: Client;
  readonly #retries: number;
  /** keys of the writes, by their position in the traffic */
  readonly #tokens = new Map<number, string>();
  /** keys whose write the service acknowledged */
  readonly #acknowledged = new Set<string>();

  constructor(client: Client, retries: number) {
    this.#client = client;
    this.#retries = retries;
  }

  /** @param index position of the request in the traffic; earlier positions were performed before */
  async perform({ userId, request }: Arrival, index: number, intendedAtMs: number): Promise<SentRequest> {
    const common = { userId, intendedAtMs };
    switch (request.kind) {
      case "read": {
        const exchange = await this.#exchange("read", read(`/users/${userId}/membership`));
        return { ...common, ...timesOf(exchange), ...exchange.classified, ...NOTHING };
      }
      case "own-read": {
        const { earlier, of } = request;
        const token = this.#tokenOf(earlier.index);
        const path = of === "request" ? `/requests/${token}` : `/users/${userId}/membership`;
        const exchange = await this.#exchange("read", read(path));
        const found = ownReadOf(of, earlier, exchange);
        const ownRead = found === null ? null : { token, read: found };
        return { ...common, ...timesOf(exchange), ...exchange.classified, ...NOTHING, ownRead };
      }
      case "reuse": {
        const { earlier, instead } = request;
        const token = this.#tokenOf(earlier.index);
        // Under a key that the service has not acknowledged, another write may be the first one. Then the same write again.
        if (!this.#acknowledged.has(token)) return this.#write({ ...earlier.write }, token, true, intendedAtMs);
        const exchange = await this.#exchange("write", wireWrite(instead, token));
        const status = exchange.answer?.status ?? null;
        const what = `a ${instead.kind} of user ${instead.userId}`;
        const { classified } = exchange;
        const outcome = status === KEY_REUSED ? "declined" : "failed";
        const failure = classified.failure ?? `reuse answered ${status ?? "nothing"}`;
        const reuse = { token, what, status, result: classified.result };
        return { ...common, ...timesOf(exchange), outcome, failure, ...NOTHING, reuse };
      }
      case "replay":
        return this.#write(request.earlier.write, this.#tokenOf(request.earlier.index), true, intendedAtMs);
      default:
        return this.#write({ ...request, userId }, this.#tokenOf(index), false, intendedAtMs);
    }
  }

  /** Times and outcome are those of the first attempt: a retry would hide what the service did. */
  async #write(write: NewWrite, token: string, isReplay: boolean, intendedAtMs: number): Promise<SentRequest> {
    const { userId, kind, body } = write;
    const wire = wireWrite(write, token);
    const first = await this.#exchange("write", wire);
    const attempts = [attemptOf(first)];
    for (let retry = 0; retry < this.#retries; retry += 1) {
      const last = attempts.at(-1);
      if (last === undefined || !isRetried(last)) break;
      await delay(RETRY_MS * 2 ** retry);
      attempts.push(attemptOf(await this.#exchange("write", wire)));
    }
    if (attempts.some(({ result }) => result === "applied" || result === "accepted")) this.#acknowledged.add(token);
    const { outcome, failure } = first.classified;
    const isAnswered = outcome === "applied" || outcome === "accepted";
    return {
      userId,
      intendedAtMs,
      ...timesOf(first),
      outcome: isReplay && isAnswered ? "replayed" : outcome,
      failure,
      ...NOTHING,
      write: { token, kind, body, isReplay, attempts } as SentWrite,
    };
  }

  async #exchange(kind: "read" | "write", wire: WireRequest): Promise<Exchange> {
    const sentAtMs = clockMs();
    try {
      const answer = await this.#client.send(wire);
      const answeredAtMs = clockMs();
      return { sentAtMs, answeredAtMs, endedAtMs: answeredAtMs, answer, classified: classifyAnswer(kind, answer) };
    } catch (error) {
      return { sentAtMs, answeredAtMs: null, endedAtMs: clockMs(), answer: null, classified: classifyError(error) };
    }
  }

  #tokenOf(index: number): string {
    const known = this.#tokens.get(index);
    if (known !== undefined) return known;
    const token = randomUUID();
    this.#tokens.set(index, token);
    return token;
  }
}

const timesOf = ({ sentAtMs, answeredAtMs, endedAtMs }: Exchange) => ({ sentAtMs, answeredAtMs, endedAtMs });
