/** Leases of the processes that use a running server. The last process stops the server, unless `bench db up` keeps it. */
import { randomUUID } from "node:crypto";
import { access, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writing } from "../../lib/file-errors.ts";
import { makeFolder } from "../../lib/folders.ts";
import { identifySelf, isAlive, processIdentitySchema, readJson, type ProcessIdentity } from "./processes.ts";

const STAY_FILE = "stay";

function leasesFolder(instancePath: string): string {
  return join(instancePath, "leases");
}

/** @returns the path that {@link removeLease} takes */
export async function addLease(instancePath: string): Promise<string> {
  const folder = leasesFolder(instancePath);
  await makeFolder(folder, 0o700);
  const path = join(folder, `${process.pid}-${randomUUID()}.json`);
  await writing(path, writeFile(path, JSON.stringify(await identifySelf()), { mode: 0o600 }));
  return path;
}

export async function removeLease(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** The processes that use the server, one entry per lease. Removes leases of dead processes. */
export async function liveLeases(instancePath: string): Promise<ProcessIdentity[]> {
  const folder = leasesFolder(instancePath);
  const files = await readdir(folder).catch(() => []);
  const live: ProcessIdentity[] = [];
  for (const file of files) {
    const path = join(folder, file);
    const holder = await readJson(path, processIdentitySchema);
    if (holder !== null && (await isAlive(holder))) live.push(holder);
    else await rm(path, { force: true });
  }
  return live;
}

/** Sets whether the server keeps running after its last lease. */
export async function setStay(instancePath: string, stay: boolean): Promise<void> {
  const path = join(instancePath, STAY_FILE);
  if (stay) await writeFile(path, "");
  else await rm(path, { force: true });
}

export async function staysUp(instancePath: string): Promise<boolean> {
  return await access(join(instancePath, STAY_FILE)).then(
    () => true,
    () => false,
  );
}
