/** Data folders of private servers. bench initialises a template once per server version and copies it for each instance. */
import { createHash, randomUUID } from "node:crypto";
import { cp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BenchError } from "../../lib/errors.ts";
import { writing } from "../../lib/file-errors.ts";
import { makeFolder } from "../../lib/folders.ts";
import type { Log } from "../../lib/log.ts";
import { serversFolder } from "./home.ts";
import { acquireLock } from "./lock.ts";
import { lastLines, run } from "../../lib/run-program.ts";
import { commonArguments, type ServerBinary } from "./server-binary.ts";

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** A unique path beside `path` for a draft; the caller renames the complete draft to `path`. */
export function draftPath(path: string): string {
  return `${path}.tmp-${randomUUID().slice(0, 8)}`;
}

/** Removes drafts of interrupted work beside the path, even while another process writes to them. */
export async function removeDrafts(path: string): Promise<void> {
  const entries = await readdir(dirname(path)).catch(() => []);
  const drafts = entries.filter((entry) => entry.startsWith(`${basename(path)}.tmp-`));
  await Promise.all(
    drafts.map((entry) => rm(join(dirname(path), entry), { recursive: true, force: true }).catch(() => undefined)),
  );
}

/** The template of this server binary; each version has another template. */
export function templatePath(binary: ServerBinary): string {
  const key = [binary.command, ...binary.leadingArguments, binary.version, binary.manifest ?? ""].join("\n");
  return join(serversFolder(), `template-${createHash("sha256").update(key).digest("hex").slice(0, 12)}`);
}

/** @returns a data folder on which no server has run */
async function ensureTemplate(binary: ServerBinary, log: Log): Promise<string> {
  const template = templatePath(binary);
  await makeFolder(serversFolder(), 0o700);
  await using _lock = await acquireLock(join(serversFolder(), "lock"), { log, purpose: "preparing MySQL" });
  if (await exists(template)) return template;
  await removeDrafts(template);
  const draft = draftPath(template);
  log.info(`Initialising a data folder for MySQL ${binary.version}`);
  // a small redo log keeps the template at 95 MB instead of 187 MB; the server resizes it at its first start
  const options = [`--datadir=${draft}`, "--innodb-redo-log-capacity=8M", "--secure-file-priv=NULL", "--initialize-insecure"];
  const { exitCode, stderr } = await run(binary.command, [...commonArguments(binary), ...options]);
  if (exitCode !== 0) {
    await removeDrafts(template);
    throw new BenchError(
      "SERVER_START_FAILED",
      `cannot initialise a data folder: mysqld failed:\n${lastLines(stderr, 5)}`,
      "check disk space, then run the same command again",
    );
  }
  await rename(draft, template);
  return template;
}

/**
 * Creates the data folder if it does not exist.
 * @returns true for a new folder
 */
export async function ensureDataFolder(binary: ServerBinary, dataFolder: string, log: Log): Promise<boolean> {
  if (await exists(dataFolder)) return false;
  await removeDrafts(dataFolder);
  const template = await ensureTemplate(binary, log);
  const draft = draftPath(dataFolder);
  try {
    await writing(draft, cp(template, draft, { recursive: true }));
  } catch (error) {
    // free the space of the draft: the disk may be full
    await removeDrafts(dataFolder);
    throw error;
  }
  // without these files the server generates a new uuid and new keys for each instance
  for (const file of (await readdir(draft)).filter((name) => name === "auto.cnf" || name.endsWith(".pem")))
    await rm(join(draft, file));
  await rename(draft, dataFolder);
  return true;
}

/** Removes a data folder on which no server became ready, and its template. */
export async function discardDataFolder(binary: ServerBinary, dataFolder: string): Promise<void> {
  await rm(dataFolder, { recursive: true, force: true });
  await rm(templatePath(binary), { recursive: true, force: true });
}

/** The server_uuid in the data folder; null without one. */
export async function readServerUuid(dataFolder: string): Promise<string | null> {
  const text = await readFile(join(dataFolder, "auto.cnf"), "utf8").catch(() => "");
  return /^server-uuid=(\S+)$/m.exec(text)?.[1] ?? null;
}
