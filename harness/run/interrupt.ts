/** Handles Ctrl-C, a closed terminal and SIGTERM: work stops at the next safe point, and saved results stay readable. */
import { BenchError } from "../../lib/errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const sameCommand = (): string => "bench saved the finished work; run the same command to start again";

/**
 * Runs `work` with a signal. The first interruption aborts the signal, and the second one ends the process at once.
 * @param fix describes how to continue
 * @throws BenchError INTERRUPTED after an interruption, independent of the result of `work`
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>, fix = sameCommand): Promise<T> {
  const interrupted = (): BenchError => new BenchError("INTERRUPTED", "interrupted", fix());
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(interrupted().exitCode);
    process.stderr.write("\nstopping; interrupt again to stop at once\n");
    controller.abort(interrupted());
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    const result = await work(controller.signal);
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    throw controller.signal.aborted ? interrupted() : error;
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}

const isDisposable = (value: unknown): value is AsyncDisposable =>
  typeof value === "object" && value !== null && Symbol.asyncDispose in value;

/**
 * Waits for work that has no signal, at most until the interruption. If the work returns a resource later, for example a
 * started server, orAborted disposes of it.
 */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  work.then(
    (late) => (signal.aborted && isDisposable(late) ? late[Symbol.asyncDispose]() : undefined),
    // abandoned work fails after its connections close; nobody handles that rejection
    () => undefined,
  );
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
