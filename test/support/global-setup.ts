/** Starts the `test` server once for all test files, or joins the one that another run has started, and leaves nothing running. */
import type { TestProject } from "vitest/node";
import { openDatabase, parseDatabaseSelector } from "../../harness/database/index.ts";
import { createLog } from "../../lib/log.ts";
import type { ConnectionTarget } from "../../lib/target.ts";

declare module "vitest" {
  export interface ProvidedContext {
    databaseTarget: ConnectionTarget;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const database = await openDatabase(parseDatabaseSelector(), { log: createLog("normal"), instance: "test", profile: "test" });
  project.provide("databaseTarget", database.target);
  return async () => {
    await database[Symbol.asyncDispose]();
  };
}
