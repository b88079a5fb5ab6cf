/** Questions to whoever sits at the terminal. They go to standard error: standard output carries results alone. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { BenchError } from "../../lib/errors.ts";

/** Whether somebody is there who can read a question and answer it. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/**
 * @param settings.hidden nothing of the answer is shown: a terminal in raw mode echoes nothing by itself
 * @param settings.signal ends the waiting for an answer, where the process doesn't end by itself when it is asked to
 * @throws BenchError INTERRUPTED at Ctrl-C, at the end of the input or when the signal is aborted
 */
function ask(question: string, { hidden, signal }: { hidden: boolean; signal: AbortSignal | undefined }): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const reader = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true });
  // not before the terminal is in raw mode: a quick answer would be shown
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
  // before it could listen
  if (signal?.aborted === true) close();
  return promise;
}

export const askHidden = (question: string, signal?: AbortSignal): Promise<string> => ask(question, { hidden: true, signal });

/** Nothing but y or yes is one. */
export const askYesNo = async (question: string, signal?: AbortSignal): Promise<boolean> =>
  /^\s*y(es)?\s*$/i.test(await ask(`${question} [y/N] `, { hidden: false, signal }));
