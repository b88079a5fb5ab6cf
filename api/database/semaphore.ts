/** So many at a time, in order of arrival, none waiting for longer than a limit. */
export class Semaphore {
  readonly #capacity: number;
  #inUse = 0;
  readonly #waiting = new Set<() => void>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get inUse(): number {
    return this.#inUse;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** @returns false when no place became free within the limit */
  async acquire(limitMs: number): Promise<boolean> {
    if (this.#inUse < this.#capacity) {
      this.#inUse += 1;
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const take = (): void => resolve(true);
    this.#waiting.add(take);
    const timer = setTimeout(() => {
      // whoever was handed a place in the same moment keeps it
      if (this.#waiting.delete(take)) resolve(false);
    }, limitMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  release(): void {
    // the place goes straight to the first who waits, so that nobody overtakes
    const [first] = this.#waiting;
    if (first === undefined) this.#inUse -= 1;
    else {
      this.#waiting.delete(first);
      first();
    }
  }
}
