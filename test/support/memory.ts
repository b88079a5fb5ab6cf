/**
 * Folders on a memory disk for the data of test servers. A server of the tests is durable as every server is, and waits for
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
/** An interrupted test run leaves folders behind. Nothing that is in use is this old. */
const LEFT_BEHIND_MS = 6 * 3_600_000;

const ROOT = join(MEMORY_DISK, `orm-shootout-tests-${process.getuid?.() ?? 0}`);

/** False on systems without such a disk, and in containers that limit it to 64 MB. */
async function hasRoom(): Promise<boolean> {
  const { bavail, bsize } = await statfs(MEMORY_DISK).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= NEEDED_BYTES && freemem() >= NEEDED_BYTES;
}

/** A new folder for a server's data: in memory where there is room. */
export async function makeDataFolder(prefix: string): Promise<string> {
  if (!(await hasRoom())) return mkdtemp(join(tmpdir(), prefix));
  await makePrivateFolder(ROOT);
  return mkdtemp(join(ROOT, prefix));
}

const folderOf = (instance: string): string => dirname(instanceFolder(instance, "embedded").path);

/**
 * Puts a new instance into memory, by a link in the folder of instances.
 * @returns false where there is no room; true also for an instance that is in memory already
 */
export async function placeInMemory(instance: string): Promise<boolean> {
  const link = folderOf(instance);
  const target = join(ROOT, instance);
  const exists = (await stat(link).catch(() => null)) !== null;
  if (!exists && !(await hasRoom())) return false;
  await makePrivateFolder(target);
  await makePrivateFolder(dirname(link));
  // a link may be left from before the machine restarted; a test that opens an instance twice at the same moment comes here twice
  await symlink(target, link).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  return true;
}

/** Deletes an instance that does not run, with its link. */
export async function deleteFromMemory(instance: string): Promise<void> {
  const link = folderOf(instance);
  const target = await readlink(link).catch(() => null);
  if (target === null) return;
  await rm(link);
  await rm(target, { recursive: true, force: true });
}

/** Deletes what interrupted test runs left in memory. */
export async function sweepMemory(): Promise<void> {
  for (const name of await readdir(ROOT).catch(() => [])) {
    const path = join(ROOT, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > LEFT_BEHIND_MS) await rm(path, { recursive: true, force: true });
  }
}
