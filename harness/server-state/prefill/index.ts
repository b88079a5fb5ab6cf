/** The axis `--prefill`: rows of earlier runs in the growing tables before each sample, on the same pages each time. */
import { access, constants, rm } from "node:fs/promises";
import { join } from "node:path";
import { selectOne, type Connection } from "../../../lib/connection.ts";
import type { Log } from "../../../lib/log.ts";
import type { Prefilled } from "../../verify/prefilled.ts";
import { dropLeft, PREFIX, rowsOfOneRun } from "./fill.ts";
import { buildFiles } from "./files.ts";
import { buildReplay } from "./replay.ts";
import type { Kind, Store } from "./store.ts";

export interface Prefills extends AsyncDisposable {
  /**
   * Fills the empty growing tables.
   * @param kind null: no earlier rows
   * @returns what the verification has to find after the sample; null: no earlier rows
   */
  restore(kind: Kind | null): Promise<Prefilled | null>;
}

interface Server {
  /** the server is a process of this machine that `bench` started: its files may be copied */
  readonly hasOwnFiles: boolean;
  readonly schema: string;
}

const nameOf = ({ times, key }: Kind): string => `${times}:${key.id}`;

/** @returns null if this process cannot write the data folder */
async function writableDataFolder(connection: Connection): Promise<string | null> {
  const { folder } = await selectOne<{ folder: string }>(connection, "SELECT @@datadir AS folder");
  return await access(folder, constants.R_OK | constants.W_OK).then(
    () => folder,
    () => null,
  );
}

/**
 * Builds the rows of each kind once. Dispose removes them.
 * @param connection without binary log where possible; stays open while the prefills are in use
 */
export async function openPrefills(
  connection: Connection,
  kinds: readonly Kind[],
  { hasOwnFiles, schema }: Server,
  log: Log,
  signal: AbortSignal,
): Promise<Prefills> {
  await dropLeft(connection);
  const distinct = [...new Map(kinds.map((kind) => [nameOf(kind), kind])).values()];
  // also without kinds: a killed run can have left its copies
  const dataFolder = hasOwnFiles ? await writableDataFolder(connection) : null;
  // beside the data, so on the same disk; of this schema only, because other schemas can have their own runs
  const storeFolder = dataFolder === null ? null : join(dataFolder, "..", PREFIX + encodeURIComponent(schema));
  const remove = async (): Promise<void> => {
    if (storeFolder !== null) await rm(storeFolder, { recursive: true, force: true });
  };
  await remove();
  const build = dataFolder === null || storeFolder === null ? buildReplay : buildFiles(dataFolder, storeFolder);
  const stores = new Map<string, Store>();
  try {
    await buildAll();
  } catch (error) {
    await remove();
    // gigabytes on a server of the user
    await dropLeft(connection).catch(() => {});
    throw error;
  }
  return {
    async restore(kind) {
      if (kind === null) return null;
      const store = stores.get(nameOf(kind));
      if (store === undefined) throw new Error(`no earlier rows of the kind ${nameOf(kind)}`);
      await store.restore(connection);
      return store.prefilled;
    },
    async [Symbol.asyncDispose]() {
      await remove();
      // a lost server keeps these tables until the next run
      if (stores.size > 0) await dropLeft(connection).catch(() => {});
    },
  };

  async function buildAll(): Promise<void> {
    const rows = distinct.length === 0 ? 0 : await rowsOfOneRun(connection);
    for (const kind of distinct) {
      const what = `inserting ${kind.times} earlier runs of ${rows.toLocaleString("en")} rows with ${kind.key.id} keys`;
      const progress = log.progress(what, 2 * kind.times, "steps");
      let done = 0;
      try {
        const store = await build(connection, kind, () => {
          signal.throwIfAborted();
          progress.update((done += 1));
        });
        stores.set(nameOf(kind), store);
      } finally {
        progress.stop();
      }
    }
  }
}
