/**
 * Runs another program to its end. The program ends with this process. After a timeout or an abort it gets SIGTERM, and SIGKILL
 * 5 s later.
 */
import type { execa as runProgram, Options } from "execa";

export interface Finished {
  /** null when a signal ended the program, or when it could not be started */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** of the program; behind that the reason why there is no exit code */
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** ends the program when it is aborted */
  readonly signal?: AbortSignal;
  /** called with each piece of standard output as it comes */
  readonly onOutput?: (text: string) => void;
}

export type ProgramCall = readonly [command: string, args: readonly string[]];

// execa takes 80 ms of CPU time to load, and most verbs run no program
const load = async (): Promise<typeof runProgram> => (await import("execa")).execa;

const COMMON = { reject: false, stripFinalNewline: false, extendEnv: false } as const satisfies Options;

interface Ended {
  readonly exitCode?: number | undefined;
  readonly signal?: NodeJS.Signals | undefined;
  readonly timedOut: boolean;
  readonly originalMessage?: string | undefined;
}

function finished({ exitCode, signal, timedOut, originalMessage }: Ended, stdout: string, stderr: string): Finished {
  if (exitCode !== undefined) return { exitCode, stdout, stderr };
  const reason = timedOut ? "ended by a timeout" : signal === undefined ? originalMessage : `ended by ${signal}`;
  return { exitCode: null, stdout, stderr: `${stderr}${reason}` };
}

/** A missing program, a timeout and a failure all come back as an exit code other than 0. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { cwd, env = process.env, timeoutMs, signal, onOutput } = options;
  const execa = await load();
  const child = execa(command, args, {
    ...COMMON,
    stdin: "ignore",
    env,
    ...(cwd !== undefined && { cwd }),
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    ...(signal !== undefined && { cancelSignal: signal }),
  });
  if (onOutput !== undefined) child.stdout.setEncoding("utf8").on("data", onOutput);
  const ended = await child;
  return finished(ended, ended.stdout, ended.stderr);
}

/** @throws Error with the end of the program's standard error */
export async function outputOf(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await run(command, args, options);
  if (exitCode === 0) return stdout;
  throw new Error(lastLines(stderr, 10) || `${command} ended with exit code ${exitCode}`);
}

/** Runs two programs, the first one's output the other one's input. Neither output is kept. */
export async function runPiped(from: ProgramCall, to: ProgramCall): Promise<readonly [from: Finished, to: Finished]> {
  const execa = await load();
  const options = { ...COMMON, env: process.env } as const;
  const source = execa(...from, { ...options, stdin: "ignore", buffer: { stdout: false } });
  const received = await source.pipe(...to, { ...options, stdout: "ignore" });
  const sent = await source;
  return [finished(sent, "", sent.stderr), finished(received, "", received.stderr)];
}

/** The last lines of a program's output, for an error message. */
export function lastLines(text: string, count = 3): string {
  return text.trim().split("\n").slice(-count).join("\n");
}
