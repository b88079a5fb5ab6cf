/** Questions to whoever sits at the terminal. They go to standard error: standard output carries results alone. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { BenchError } from "../lib/errors.ts";

/** Whether somebody is there who can read a question and answer it. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/**
 * @param settings.hidden nothing of the answer is shown: a terminal in raw mode echoes nothing by itself
 * @throws BenchError INTERRUPTED at Ctrl-C or at the end of the input
 */
function ask(question: string, { hidden }: { hidden: boolean }): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const reader = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true });
  // not before the terminal is in raw mode: a quick answer would be shown
  if (hidden) process.stderr.write(question);
  reader.on("SIGINT", () => reader.close());
  reader.on("close", () => {
    if (hidden) process.stderr.write("\n");
    reject(new BenchError("INTERRUPTED", "interrupted", "nothing was changed; the same command starts again"));
  });
  reader.question(hidden ? "" : question, (answer) => {
    resolve(answer);
    reader.close();
  });
  return promise;
}

export const askHidden = (question: string): Promise<string> => ask(question, { hidden: true });

/** Nothing but y or yes is one. */
export const askYesNo = async (question: string): Promise<boolean> =>
  /^\s*y(es)?\s*$/i.test(await ask(`${question} [y/N] `, { hidden: false }));
