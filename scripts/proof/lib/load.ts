/** Processes that compute and write to the disk. The current round switches them on and off. */
import { open } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { execa } from "execa";

const POLL_MS = 20;

/** Both scripts end when their parent process is gone, even after a SIGKILL of the parent. */
const COMPUTE = `
  const parent = process.ppid;
  while (process.ppid === parent) for (let i = 0; i < 1e6; i += 1);`;
const WRITE = `
  const fs = require("node:fs");
  const path = require("node:path").join(process.argv[1], "aa-load-" + process.pid);
  const file = fs.openSync(path, "w");
  fs.unlinkSync(path);
  const parent = process.ppid;
  while (process.ppid === parent) { fs.writeSync(file, Buffer.alloc(65536, 1), 0, 65536, 0); fs.fdatasyncSync(file); }`;

/**
 * @param records the run's records: their number of samples gives the round, and the time between samples suffices to switch
 * @param isLoaded whether the processes run in a round
 */
export function startLoad(records: string, isLoaded: (round: number) => boolean): AsyncDisposable {
  const scripts = [...Array.from({ length: availableParallelism() }, () => COMPUTE), WRITE];
  const children = scripts.map((script) => execa(process.execPath, ["-e", script, tmpdir()], { stdio: "ignore", reject: false }));
  const signal = (name: NodeJS.Signals): void => {
    for (const child of children) child.kill(name);
  };
  signal("SIGSTOP");
  let isOn = false;
  let readBytes = 0;
  let text = "";
  const round = { samples: 0 };
  const follow = async (): Promise<void> => {
    const handle = await open(records, "r").catch(() => null);
    if (handle === null) return;
    const { size } = await handle.stat();
    if (size > readBytes) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - readBytes), 0, size - readBytes, readBytes);
      readBytes += bytesRead;
      text += buffer.toString();
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      round.samples += lines.filter((line) => line.startsWith('{"type":"sample"')).length;
    }
    await handle.close();
    // A round has two samples.
    const wanted = isLoaded(Math.floor(round.samples / 2) + 1);
    if (wanted !== isOn) signal(wanted ? "SIGCONT" : "SIGSTOP");
    isOn = wanted;
  };
  let following = Promise.resolve();
  const timer = setInterval(() => {
    following = following.then(follow).catch(() => {});
  }, POLL_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await following;
      signal("SIGKILL");
      await Promise.all(children);
    },
  };
}
