/**
 * Folders on a memory disk for the data of test servers. A test server is as durable as every other server, and waits for
 * the disk at each commit and each truncated table: 20 samples of two cells took 45 s on a disk and 32 s in memory.
 */
import { mkdtemp, readdir, readlink, rm, stat, statfs, symlink } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { instanceFolder, makePrivateFolder } from "../../harness/database/home.ts";

const MEMORY_DISK = "/dev/shm";
const GIBIBYTE = 1024 ** 3;
/** A server takes 0.2 GiB, the largest load of a test 1 GiB. */
const NEEDED_BYTES = 4 * GIBIBYTE;
/** The age of folders left by an interrupted test run. No folder in use is this old. */
const LEFT_BEHIND_MS = 6 * 3_600_000;

const ROOT = join(MEMORY_DISK, `orm-shootout-tests-${process.getuid?.() ?? 0}`);

/** False on systems without a memory disk, and in containers that limit it to 64 MB. */
async function hasRoom(): Promise<boolean> {
  const { bavail, bsize } = await statfs(MEMORY_DISK).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= NEEDED_BYTES && freemem() >= NEEDED_BYTES;
}

/** A new folder for a server's data: in memory when memory has room. */
export async function makeDataFolder(prefix: string): Promise<string> {
  if (!(await hasRoom())) return mkdtemp(join(tmpdir(), prefix));
  await makePrivateFolder(ROOT);
  return mkdtemp(join(ROOT, prefix));
}

const folderOf = (instance: string): string => dirname(instanceFolder(instance, "embedded").path);

/**
 * Moves a new instance into memory, with a link in the folder of instances.
 * @returns false when memory has no room; true also for an instance that is already in memory
 */
export async function placeInMemory(instance: string): Promise<boolean> {
  const link = folderOf(instance);
  const target = join(ROOT, instance);
  const exists = (await stat(link).catch(() => null)) !== null;
  if (!exists && !(await hasRoom())) return false;
  await makePrivateFolder(target);
  await makePrivateFolder(dirname(link));
  // a link can survive a restart of the machine; a test that opens an instance twice concurrently calls this twice
  await symlink(target, link).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  return true;
}

/** Deletes a stopped instance and its link. */
export async function deleteFromMemory(instance: string): Promise<void> {
  const link = folderOf(instance);
  const target = await readlink(link).catch(() => null);
  if (target === null) return;
  await rm(link);
  await rm(target, { recursive: true, force: true });
}

/** Deletes the folders that interrupted test runs left in memory. */
export async function sweepMemory(): Promise<void> {
  for (const name of await readdir(ROOT).catch(() => [])) {
    const path = join(ROOT, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > LEFT_BEHIND_MS) await rm(path, { recursive: true, force: true });
  }
}
