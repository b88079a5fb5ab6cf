/** Limits concurrent users of a resource, in order of arrival, with a limit for the wait. */
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

  /** @returns false if no place became free within the limit */
  async acquire(limitMs: number): Promise<boolean> {
    if (this.#inUse < this.#capacity) {
      this.#inUse += 1;
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const take = (): void => resolve(true);
    this.#waiting.add(take);
    const timer = setTimeout(() => {
      // release() may have handed over a place at the same moment. That caller keeps it.
      if (this.#waiting.delete(take)) resolve(false);
    }, limitMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  release(): void {
    // The place goes directly to the first waiting caller, so that nobody overtakes it.
    const [first] = this.#waiting;
    if (first === undefined) this.#inUse -= 1;
    else {
      this.#waiting.delete(first);
      first();
    }
  }
}
