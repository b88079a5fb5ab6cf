/**
 * Starts a server for each worker that runs test files, or joins those that another run has started, and leaves nothing running.
 * Files that run at the same moment have a server each: a run waits for its server to settle, which it never does while
 * another file writes to it, and the files read counters of the whole server.
 */
import type { TestProject } from "vitest/node";
import { openDatabase, parseDatabaseSelector } from "../../harness/database/index.ts";
import { createLog } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** a server for each worker */
    databaseTargets: ConnectionTarget[];
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using opened = new AsyncDisposableStack();
  const open = async (instance: string): Promise<ConnectionTarget> => {
    const options = { log: createLog("normal"), instance, profile: "test" } as const;
    return opened.use(await openDatabase(parseDatabaseSelector(), options)).target;
  };
  // one after the other: the first one fetches the server where there is none
  const targets: ConnectionTarget[] = [];
  for (let worker = 1; worker <= project.config.maxWorkers; worker += 1)
    targets.push(await open(worker === 1 ? "test" : `test-${worker}`));
  project.provide("databaseTargets", targets);
  const owned = opened.move();
  return () => owned.disposeAsync();
}
