/** Ends programs with the process that started them, also after `kill -9` of that process. */
import { spawnSync } from "node:child_process";

/** setpriv (util-linux) makes the kernel send a signal to the program when its parent ends. */
const SETPRIV = ["setpriv", "--pdeathsig"] as const;
let canEndWithParent: boolean | null = null;

/** @returns true on a system with setpriv: Debian and Ubuntu have it, macOS and Alpine do not */
export function endsWithParent(): boolean {
  canEndWithParent ??= spawnSync(SETPRIV[0], [SETPRIV[1], "KILL", "--", "true"]).status === 0;
  return canEndWithParent;
}

/**
 * A command whose program receives the signal when this process ends. Without setpriv, it is the program itself. A Node
 * process then notices its closed channel, but not while a strategy computes without a pause.
 */
export const endingWithParent = (signal: "KILL" | "TERM", program: string): [program: string, ...leading: string[]] =>
  endsWithParent() ? [SETPRIV[0], SETPRIV[1], signal, "--", program] : [program];
