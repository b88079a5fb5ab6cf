/**
 * Mutual exclusion between processes by a file with its holder's identity. The next process takes over the lock of a dead
 * holder, also after SIGKILL.
 */
import { randomUUID } from "node:crypto";
import { access, link, rm, unlink, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { BenchError } from "../../lib/errors.ts";
import { writing } from "../../lib/file-errors.ts";
import type { Log } from "../../lib/log.ts";
import { identifySelf, isAlive, processIdentitySchema, readJson } from "./processes.ts";

const POLL_EVERY_MS = 100;
const SAY_WAITING_AFTER_MS = 1_000;
/** Longer than a cold start on a slow network: the holder may be downloading. */
const DEADLINE_MS = 15 * 60_000;

const holderSchema = processIdentitySchema.extend({ id: z.string() });
type Holder = Readonly<z.infer<typeof holderSchema>>;

export interface LockOptions {
  readonly log: Log;
  /** the holder's work, which a waiting process prints */
  readonly purpose: string;
  readonly deadlineMs?: number;
  /** aborts the wait */
  readonly signal?: AbortSignal;
}

async function readHolder(path: string): Promise<Holder | "absent" | "unreadable"> {
  const holder = await readJson(path, holderSchema);
  if (holder !== null) return holder;
  return await access(path).then(
    () => "unreadable",
    () => "absent",
  );
}

/** Creates the file with its content atomically, so that no process reads a partial holder. */
async function tryCreate(path: string, holder: Holder): Promise<boolean> {
  const draft = `${path}.${holder.id}`;
  try {
    await writing(draft, writeFile(draft, JSON.stringify(holder), { mode: 0o600 }));
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function isDead(holder: Holder | "absent" | "unreadable"): Promise<boolean> | boolean {
  if (holder === "absent") return false;
  return holder === "unreadable" ? true : isAlive(holder).then((alive) => !alive);
}

/**
 * Two waiting processes can see the same dead holder. Without the second lock, the slower one could remove the new file of the
 * faster one.
 */
async function removeDeadHolder(path: string, options: LockOptions): Promise<void> {
  await using _recovery = await acquireLock(`${path}.recovery`, options);
  if (await isDead(await readHolder(path))) await rm(path, { force: true });
}

/**
 * Waits until no living process holds the lock, then holds it until disposed.
 * @throws BenchError INSTANCE_BUSY after the deadline
 */
export async function acquireLock(path: string, options: LockOptions): Promise<AsyncDisposable> {
  const mine: Holder = { ...(await identifySelf()), id: randomUUID() };
  const startedAt = performance.now();
  let said = false;
  for (;;) {
    if (await tryCreate(path, mine)) break;
    const holder = await readHolder(path);
    if (await isDead(holder)) {
      options.log.detail(`the holder of ${path} is dead; taking over its lock`);
      await removeDeadHolder(path, options);
      continue;
    }
    const waitedMs = performance.now() - startedAt;
    const who = typeof holder === "string" ? "another bench" : `another bench (pid ${holder.pid})`;
    if (waitedMs > (options.deadlineMs ?? DEADLINE_MS))
      throw new BenchError(
        "INSTANCE_BUSY",
        `${who} is still ${options.purpose} after ${Math.round(waitedMs / 1000)} s`,
        "wait for that process or stop it, then run the command again",
      );
    if (!said && waitedMs > SAY_WAITING_AFTER_MS) {
      options.log.info(`${who} is ${options.purpose}; waiting`);
      said = true;
    }
    options.signal?.throwIfAborted();
    await delay(POLL_EVERY_MS);
  }
  return {
    async [Symbol.asyncDispose]() {
      const holder = await readHolder(path);
      if (typeof holder !== "string" && holder.id === mine.id) await unlink(path);
    },
  };
}
