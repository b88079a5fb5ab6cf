/** Separate servers for destructive tests, with the binaries that all instances share. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { instanceFolder } from "../../harness/database/home.ts";
import { openDatabase, type Database } from "../../harness/database/index.ts";
import { stopInstance, type InstanceOptions } from "../../harness/database/managed.ts";
import { embeddedProvider } from "../../harness/database/providers/embedded.ts";
import { silentLog, type Log } from "../../lib/log.ts";
import { deleteFromMemory, placeInMemory } from "./memory.ts";

export interface TestInstance extends AsyncDisposable {
  readonly options: InstanceOptions;
  /** its data, password and state */
  readonly path: string;
  open(log?: Log): Promise<Database>;
}

/** A unique instance name, unless one is given. At the end the instance is stopped in any state and deleted. */
export function newInstance(name = `test-${randomUUID().slice(0, 8)}`): TestInstance {
  const options: InstanceOptions = {
    log: silentLog,
    name,
    schema: "orm_shootout",
    profile: "test",
  };
  const { path } = instanceFolder(options.name, "embedded");
  return {
    options,
    path,
    async open(log = silentLog) {
      if (!existsSync(dirname(path))) await placeInMemory(options.name);
      return openDatabase({ kind: "managed", provider: "embedded" }, { log, instance: options.name, profile: "test" });
    },
    async [Symbol.asyncDispose]() {
      await stopInstance(options, { only: undefined, force: true });
      await deleteFromMemory(options.name);
      await rm(dirname(path), { recursive: true, force: true });
    },
  };
}

/** The reason why tests cannot run the embedded server on this machine, or null. */
export async function embeddedObstacle(): Promise<string | null> {
  const { options, path } = newInstance();
  const context = { ...options, instance: { name: options.name, path, lockPath: "" } };
  return (await embeddedProvider.findObstacle(context))?.reason ?? null;
}
