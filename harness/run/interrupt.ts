/** Handles Ctrl-C, a closed terminal and SIGTERM: work stops at the next safe point, and saved results stay readable. */
import { clockMs } from "../../lib/clock.ts";
import { BenchError } from "../../lib/errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const sameCommand = (): string => "bench saved the finished work; run the same command to start again";

/**
 * `timeout` and CI send a signal to each process of a group, and the launcher of bin/ passes it on too. Without this time, the second one
 * ended the process at once, with samples that have no end record. On a terminal, Ctrl-C arrives once.
 */
const SAME_SIGNAL_MS = 500;

const isOnTerminal = (): boolean => process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;

/**
 * Runs `work` with a signal. The first interruption aborts the signal, and the second one ends the process at once.
 * @param fix describes how to continue
 * @throws BenchError INTERRUPTED after an interruption, independent of the result of `work`
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>, fix = sameCommand): Promise<T> {
  const interrupted = (): BenchError => new BenchError("INTERRUPTED", "interrupted", fix());
  const controller = new AbortController();
  let stoppedAtMs = Number.POSITIVE_INFINITY;
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      if (!isOnTerminal() && clockMs() - stoppedAtMs < SAME_SIGNAL_MS) return;
      process.exit(interrupted().exitCode);
    }
    stoppedAtMs = clockMs();
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
