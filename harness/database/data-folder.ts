/** Data folders of private servers: initialised once per server version into a template, then copied for each instance. */
import { createHash, randomUUID } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { writing } from "../../lib/file-errors.ts";
import type { Log } from "../../lib/log.ts";
import { serversFolder } from "./home.ts";
import { acquireLock } from "./lock.ts";
import { lastLines, run } from "./processes.ts";
import { commonArguments, type ServerBinary } from "./server-binary.ts";

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** A name that nobody else uses, beside the path: what is made there is moved into place when it is complete. */
export function draftPath(path: string): string {
  return `${path}.tmp-${randomUUID().slice(0, 8)}`;
}

/** Clears away what interrupted work left beside the path. A process that still writes there can't hinder this. */
export async function removeDrafts(path: string): Promise<void> {
  const entries = await readdir(dirname(path)).catch(() => []);
  const drafts = entries.filter((entry) => entry.startsWith(`${basename(path)}.tmp-`));
  await Promise.all(
    drafts.map((entry) => rm(join(dirname(path), entry), { recursive: true, force: true }).catch(() => undefined)),
  );
}

/** Where the template of this very server is kept: another version gets another one. */
export function templatePath(binary: ServerBinary): string {
  const key = [binary.command, ...binary.leadingArguments, binary.version, binary.manifest ?? ""].join("\n");
  return join(serversFolder(), `template-${createHash("sha256").update(key).digest("hex").slice(0, 12)}`);
}

/** @returns the folder of a data folder that no server has run on yet */
async function ensureTemplate(binary: ServerBinary, log: Log): Promise<string> {
  const template = templatePath(binary);
  await mkdir(serversFolder(), { recursive: true, mode: 0o700 });
  await using _lock = await acquireLock(join(serversFolder(), "lock"), { log, purpose: "preparing MySQL" });
  if (await exists(template)) return template;
  await removeDrafts(template);
  const draft = draftPath(template);
  log.info(`Initialising a data folder for MySQL ${binary.version}`);
  // A small redo log keeps the template at 95 MB instead of 187; the server resizes it at its first start.
  const options = [`--datadir=${draft}`, "--innodb-redo-log-capacity=8M", "--secure-file-priv=NULL", "--initialize-insecure"];
  const { exitCode, stderr } = await run(binary.command, [...commonArguments(binary), ...options]);
  if (exitCode !== 0) {
    await removeDrafts(template);
    throw new BenchError(
      "SERVER_START_FAILED",
      `initialising a data folder failed:\n${lastLines(stderr, 5)}`,
      "check disk space, then run the same command again",
    );
  }
  await rename(draft, template);
  return template;
}

/**
 * Makes the data folder unless it is there.
 * @returns true if it is new
 */
export async function ensureDataFolder(binary: ServerBinary, dataFolder: string, log: Log): Promise<boolean> {
  if (await exists(dataFolder)) return false;
  await removeDrafts(dataFolder);
  const template = await ensureTemplate(binary, log);
  const draft = draftPath(dataFolder);
  try {
    await writing(draft, cp(template, draft, { recursive: true }));
  } catch (error) {
    // a full disk is not to be kept full
    await removeDrafts(dataFolder);
    throw error;
  }
  // The server invents a new uuid and new keys for each instance.
  for (const file of (await readdir(draft)).filter((name) => name === "auto.cnf" || name.endsWith(".pem")))
    await rm(join(draft, file));
  await rename(draft, dataFolder);
  return true;
}

/** Removes a data folder on which no server ever became ready, and the template that it came from. */
export async function discardDataFolder(binary: ServerBinary, dataFolder: string): Promise<void> {
  await rm(dataFolder, { recursive: true, force: true });
  await rm(templatePath(binary), { recursive: true, force: true });
}

/** The identity that the server has written into its own data folder. */
export async function readServerUuid(dataFolder: string): Promise<string | null> {
  const text = await readFile(join(dataFolder, "auto.cnf"), "utf8").catch(() => "");
  return /^server-uuid=(\S+)$/m.exec(text)?.[1] ?? null;
}
