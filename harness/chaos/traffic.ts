/** Live requests through nginx while a trial runs: an open loop of clients that repeat a write under its key. */
import { setTimeout as delay } from "node:timers/promises";
import { clockMs } from "../../lib/clock.ts";
import type { Client } from "../scenario/client.ts";
import type { SentRequest } from "../scenario/load-messages.ts";
import { Performer } from "../scenario/perform.ts";
import { arrivalAt, type TrafficSettings } from "../scenario/traffic.ts";

/** After 1, 2, 4, ... s, 63 s in total. On a busy machine, the restart of a killed server takes over 20 s. */
const CLIENT_RETRIES = 6;

export class Traffic {
  readonly #settings: TrafficSettings;
  readonly #performer: Performer;
  readonly #stopping = new AbortController();
  readonly #sending: Promise<readonly SentRequest[]>;

  constructor(client: Client, settings: TrafficSettings) {
    this.#settings = settings;
    this.#performer = new Performer(client, CLIENT_RETRIES);
    this.#sending = this.#send();
  }

  async #send(): Promise<readonly SentRequest[]> {
    const { signal } = this.#stopping;
    const underWay: Promise<SentRequest>[] = [];
    let dueAtMs = clockMs();
    for (let index = 0; ; index += 1) {
      const arrival = arrivalAt(this.#settings, index);
      dueAtMs += arrival.gapMs;
      await delay(Math.max(0, dueAtMs - clockMs()), undefined, { signal }).catch(() => {});
      if (signal.aborted) return await Promise.all(underWay);
      underWay.push(this.#performer.perform(arrival, index, dueAtMs));
    }
  }

  /** Sends no further request, and waits for those in progress with their repetitions. */
  stop(): Promise<readonly SentRequest[]> {
    this.#stopping.abort();
    return this.#sending;
  }
}
