/**
 * Finds processes that a measuring process started and left behind. A detached process would compute, lock and write during later
 * samples. Linux only: elsewhere the locked account still keeps such a process out of the database.
 */
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

/** Each process inherits this variable, unless a plug-in clears it. */
export const MARK_VARIABLE = "ORM_SHOOTOUT_SAMPLE";

export const newMark = (): string => randomUUID();

/** A process that still runs. The number of an ended process can belong to another one later, which has another start. */
interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly program: string;
  /** in ticks since the system started */
  readonly startedAt: string;
}

const pids = async (): Promise<number[]> =>
  (await readdir("/proc").catch((): string[] => [])).filter((name) => /^\d+$/.test(name)).map(Number);

async function readRunning(pid: number): Promise<Running | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const nameEnd = text.lastIndexOf(")");
  if (nameEnd < 0) return null;
  // the program name in brackets can contain spaces and brackets; the state is field 3, the start field 22
  const fields = text.slice(nameEnd + 2).split(" ");
  return { pid, parent: Number(fields[1]), program: text.slice(text.indexOf("(") + 1, nameEnd), startedAt: fields[19] ?? "" };
}

/**
 * The processes below a process, by their parents. Call it before that process ends: then their parent is another one. A process
 * without the mark that ended its own parent first is not found.
 */
export async function descendantsOf(root: number): Promise<readonly Running[]> {
  const all = (await Promise.all((await pids()).map(readRunning))).filter((found) => found !== null);
  const children = Map.groupBy(all, ({ parent }) => parent);
  const found: Running[] = [];
  const parents = [root];
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop())
    for (const child of children.get(parent) ?? []) {
      found.push(child);
      parents.push(child.pid);
    }
  return found;
}

async function hasMark(pid: number, mark: string): Promise<boolean> {
  // unreadable for processes of other users
  const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  return environment.split("\0").includes(`${MARK_VARIABLE}=${mark}`);
}

/**
 * Kills the processes with this mark, and those of the list that still run.
 * @returns the names of their programs
 */
export async function endProcesses(mark: string, descendants: readonly Running[]): Promise<string[]> {
  const starts = new Map(descendants.map(({ pid, startedAt }) => [pid, startedAt]));
  const ended: string[] = [];
  for (const pid of await pids()) {
    const start = starts.get(pid);
    if (start === undefined && !(await hasMark(pid, mark))) continue;
    const running = await readRunning(pid);
    if (running === null || (start !== undefined && running.startedAt !== start)) continue;
    try {
      process.kill(pid, "SIGKILL");
      ended.push(running.program);
    } catch {
      // it ended in between
    }
  }
  return ended;
}
