/** Ctrl-C, a closed terminal or a polite kill: work stops at the next safe point, what was saved stays readable. */
import { BenchError } from "../../lib/errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const sameCommand = (): string => "what was finished is saved; the same command starts again";

/**
 * Runs `work` with a signal that is aborted by the first interruption; a second one ends the process at once.
 * @param fix how to go on after it
 * @throws BenchError INTERRUPTED when the work was interrupted, whatever it threw or returned
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>, fix = sameCommand): Promise<T> {
  const interrupted = (): BenchError => new BenchError("INTERRUPTED", "interrupted", fix());
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(interrupted().exitCode);
    process.stderr.write("\nstopping (again to stop at once)\n");
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
 * Waits for work that can't be stopped itself, but no longer than until the interruption. What the work still brings after
 * that (a server that has just been started, say) is disposed of.
 */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  work.then(
    (late) => (signal.aborted && isDisposable(late) ? late[Symbol.asyncDispose]() : undefined),
    // left behind by an interruption, it fails when its connections go
    () => undefined,
  );
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
