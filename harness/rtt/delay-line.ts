/**
 * Delays callbacks by the same time, in order. Timers are up to 1.5 ms late, so the line polls the clock for the last 1.5 ms
 * before a callback is due. An idle line uses no CPU, and a busy line uses one core: run it in a separate process.
 */
const NS_PER_MS = 1e6;
const SPIN_NS = 1.5 * NS_PER_MS;

export class DelayLine {
  readonly #delayNs: bigint;
  readonly #held: { readonly dueNs: bigint; readonly release: () => void }[] = [];
  #head = 0;
  #isWaiting = false;

  constructor(delayMs: number) {
    this.#delayNs = BigInt(Math.round(delayMs * NS_PER_MS));
  }

  /** Calls `release` after the delay and after all earlier callbacks. Without a delay, the line calls `release` at once. */
  hold(release: () => void): void {
    if (this.#delayNs === 0n) {
      release();
      return;
    }
    this.#held.push({ dueNs: process.hrtime.bigint() + this.#delayNs, release });
    if (!this.#isWaiting) this.#wait();
  }

  #wait(): void {
    const next = this.#held[this.#head];
    this.#isWaiting = next !== undefined;
    if (next === undefined) {
      this.#held.length = 0;
      this.#head = 0;
      return;
    }
    const leftNs = Number(next.dueNs - process.hrtime.bigint());
    if (leftNs > SPIN_NS + NS_PER_MS) setTimeout(() => this.#pump(), Math.floor((leftNs - SPIN_NS) / NS_PER_MS));
    else setImmediate(() => this.#pump());
  }

  #pump(): void {
    const now = process.hrtime.bigint();
    for (;;) {
      const next = this.#held[this.#head];
      if (next === undefined || next.dueNs > now) break;
      this.#head += 1;
      next.release();
    }
    this.#wait();
  }
}
