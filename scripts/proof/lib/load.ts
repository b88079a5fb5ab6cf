/** Others who compute and write to the disk, on and off by the round that is being measured. */
import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";

const POLL_MS = 20;

/** They end by themselves when whoever started them is gone, killed without a word maybe. */
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
 * @param records whose last sample tells the round: between a sample and the next there is time to switch
 * @param isLoaded whether others compute in a round
 */
export function startLoad(records: string, isLoaded: (round: number) => boolean): AsyncDisposable {
  const scripts = [...Array.from({ length: availableParallelism() }, () => COMPUTE), WRITE];
  const children = scripts.map((script) => spawn(process.execPath, ["-e", script, tmpdir()], { stdio: "ignore" }));
  const signal = (name: NodeJS.Signals): void => {
    for (const child of children) child.kill(name);
  };
  signal("SIGSTOP");
  let isOn = false;
  let readBytes = 0;
  let text = "";
  const round = { samples: 0 };
  const look = async (): Promise<void> => {
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
    // two samples make a round
    const wanted = isLoaded(Math.floor(round.samples / 2) + 1);
    if (wanted !== isOn) signal(wanted ? "SIGCONT" : "SIGSTOP");
    isOn = wanted;
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look).catch(() => {});
  }, POLL_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await looking;
      signal("SIGKILL");
    },
  };
}
