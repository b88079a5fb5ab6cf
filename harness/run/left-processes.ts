/**
 * Finds processes that a measuring process started and left behind. A detached process would compute, lock and write during later
 * samples. Linux only: elsewhere the locked account still keeps such a process out of the database.
 */
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

/** Each process inherits this variable, unless a plug-in clears it. */
export const MARK_VARIABLE = "ORM_SHOOTOUT_SAMPLE";

export const newMark = (): string => randomUUID();

const programOf = async (pid: string): Promise<string> => (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "?")).trim();

/**
 * Kills the processes with this mark.
 * @returns the names of their programs
 */
export async function endProcessesWith(mark: string): Promise<string[]> {
  const ended: string[] = [];
  for (const pid of await readdir("/proc").catch((): string[] => [])) {
    if (!/^\d+$/.test(pid)) continue;
    // unreadable for processes of other users
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (!environment.split("\0").includes(`${MARK_VARIABLE}=${mark}`)) continue;
    const program = await programOf(pid);
    try {
      process.kill(Number(pid), "SIGKILL");
      ended.push(program);
    } catch {
      // it ended in between
    }
  }
  return ended;
}
