/** Clusters that run trials at the same time. Each has a server, because faults restart it. */
import type { Log } from "../../lib/log.ts";
import { openGround, type Ground, type GroundRequest } from "./ground.ts";

export interface GroundsRequest extends GroundRequest {
  readonly clusters: number;
}

export interface Grounds extends AsyncDisposable {
  readonly first: Ground;
  /** aborts after an interruption, and when the work of a cluster failed */
  readonly signal: AbortSignal;
  /**
   * Runs the work on all clusters at the same time. The first error ends the work of the others.
   * Returns after an interruption: finished trials stay.
   * @throws the first error
   */
  each(work: (ground: Ground) => Promise<void>): Promise<void>;
}

/** The first server keeps the name, so that it serves each number of clusters. */
const instanceOf = (name: string, index: number): string => (index === 0 ? name : `${name}-${index + 1}`);

/** @throws BenchError */
export async function openGrounds(request: GroundsRequest, log: Log, interruption: AbortSignal): Promise<Grounds> {
  await using stack = new AsyncDisposableStack();
  const failed = new AbortController();
  const signal = AbortSignal.any([interruption, failed.signal]);
  const open = async (index: number): Promise<Ground> =>
    stack.use(await openGround({ ...request, instance: instanceOf(request.instance, index) }, log, signal));
  // One after the other: the first one may fetch MySQL and nginx.
  const first = await open(0);
  const grounds = [first];
  for (let index = 1; index < request.clusters; index += 1) grounds.push(await open(index));
  const owned = stack.move();
  return {
    first,
    signal,
    async each(work) {
      const running = grounds.map(async (ground) => {
        try {
          await work(ground);
        } catch (error) {
          // Another process that took the schema is an error.
          failed.abort(ground.signal.aborted ? ground.signal.reason : error);
        }
      });
      await Promise.all(running);
      if (!interruption.aborted && failed.signal.aborted) throw failed.signal.reason;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
