/** Prompts at the terminal. They go to standard error, because standard output contains only results. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { BenchError } from "../../lib/errors.ts";

/** True if both standard input and standard error are terminals. */
export const canPrompt = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/**
 * @param settings.hidden hides the answer: a terminal in raw mode does not echo
 * @param settings.signal aborts the prompt, for a process that handles Ctrl-C itself
 * @throws BenchError INTERRUPTED after Ctrl-C, the end of the input, or an abort
 */
function prompt(question: string, { hidden, signal }: { hidden: boolean; signal: AbortSignal | undefined }): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const reader = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true });
  // print the prompt only in raw mode: the terminal would echo a quick answer
  if (hidden) process.stderr.write(question);
  const close = (): void => reader.close();
  reader.on("SIGINT", close);
  signal?.addEventListener("abort", close, { once: true });
  reader.on("close", () => {
    signal?.removeEventListener("abort", close);
    if (hidden) process.stderr.write("\n");
    reject(new BenchError("INTERRUPTED", "interrupted", "bench changed nothing; run the same command to start again"));
  });
  reader.question(hidden ? "" : question, (answer) => {
    resolve(answer);
    reader.close();
  });
  // the signal aborted before the listener existed
  if (signal?.aborted === true) close();
  return promise;
}

export const promptHidden = (question: string, signal?: AbortSignal): Promise<string> =>
  prompt(question, { hidden: true, signal });

/** Only y and yes count as a confirmation. */
export const promptYesNo = async (question: string, signal?: AbortSignal): Promise<boolean> =>
  /^\s*y(es)?\s*$/i.test(await prompt(`${question} [y/N] `, { hidden: false, signal }));
