/** Stops the servers that the workers of the test run started. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { instanceFolder } from "../../harness/database/home.ts";
import { liveLeases } from "../../harness/database/leases.ts";
import { findRunning, stopInstance } from "../../harness/database/managed.ts";
import { childrenOf } from "../../harness/database/processes.ts";
import { deleteFromMemory, sweepMemory } from "./memory.ts";
import { inMemoryName, lockServers, onDiskName, workerInstance } from "./worker-server.ts";

const BENCH = fileURLToPath(new URL("../../bin/bench.cjs", import.meta.url));

const folderOf = (name: string): string => instanceFolder(name, "embedded").path;

/** Vitest exits 1 ms after Ctrl-C and runs no teardown: four servers stayed. Another process stops them. */
function stopAfterExit(names: readonly string[]): void {
  for (const name of names.filter((each) => existsSync(folderOf(each))))
    spawn(process.execPath, [BENCH, "db", "down", "--force", "--instance", name], { detached: true, stdio: "ignore" }).unref();
}

/** Workers of this run may still live. A run that shares the servers, because it has the same checkout or disk, keeps them. */
async function isUsedElsewhere(name: string): Promise<boolean> {
  const own = new Set([process.pid, ...(await childrenOf(process.pid))]);
  return (await liveLeases(folderOf(name))).some(({ pid }) => !own.has(pid));
}

async function stopServer(name: string): Promise<void> {
  if ((await findRunning(workerInstance(name))) !== null) {
    if (await isUsedElsewhere(name)) return;
    await stopInstance(workerInstance(name), { only: undefined, force: true });
  }
  // A server in memory takes that memory from other programs.
  await deleteFromMemory(name);
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const workers = Array.from({ length: project.config.maxWorkers }, (_, index) => index + 1);
  const inMemory = workers.map(inMemoryName);
  {
    await using _lock = await lockServers();
    await sweepMemory();
  }
  const onExit = (): void => stopAfterExit(inMemory);
  process.once("exit", onExit);
  return async () => {
    await using _ending = await lockServers();
    for (const name of [...inMemory, ...workers.map(onDiskName)]) await stopServer(name);
    process.off("exit", onExit);
  };
}
