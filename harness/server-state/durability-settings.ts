/**
 * The axis `--durability`: the writes that a commit waits for. `full` is the default. `relaxed` measures the configuration of
 * servers that run with it, and every report labels its numbers.
 */
import { execute, select, selectOne, type Connection } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import type { Durability } from "../plan/cell.ts";

/** Global variables, set on the running server. Relaxed: a crash of the machine loses the commits of the last second. */
const SETTINGS: Readonly<Record<Durability | "full", Readonly<Record<string, number>>>> = {
  full: { innodb_flush_log_at_trx_commit: 1, sync_binlog: 1 },
  relaxed: { innodb_flush_log_at_trx_commit: 2, sync_binlog: 0 },
};

export const NOT_OWNED = "bench changes the durability only of servers that it manages";

/**
 * A lock of the server, held while it is relaxed. It ends with its session, so it distinguishes a run that measures now from one that was
 * killed.
 */
const LOCK = "orm-shootout durability";
const LOCK_WAIT_SECONDS = 60;

async function lock(admin: Connection, waitSeconds: number): Promise<boolean> {
  const { taken } = await selectOne<{ taken: number | null }>(admin, "SELECT GET_LOCK(?, ?) AS taken", [LOCK, waitSeconds]);
  return taken === 1;
}

const unlock = (admin: Connection): Promise<unknown> => select(admin, "SELECT RELEASE_LOCK(?)", [LOCK]);

async function apply(admin: Connection, durability: Durability | "full"): Promise<void> {
  for (const [name, value] of Object.entries(SETTINGS[durability])) await execute(admin, `SET GLOBAL ${name} = ${value}`);
}

/**
 * Sets a server that `bench` manages back to `full` if a killed run left it relaxed. No other server is ever changed, and no server of a
 * run that measures with relaxed durability now.
 * @returns what was restored, as a sentence; null: nothing
 */
export async function restoreDurability(admin: Connection, isOwned: boolean): Promise<string | null> {
  if (!isOwned || !(await lock(admin, 0))) return null;
  try {
    const found = await select<{ Variable_name: string; Value: string }>(
      admin,
      `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${Object.keys(SETTINGS.full)
        .map((name) => `'${name}'`)
        .join(", ")})`,
    );
    const relaxed = found.filter(({ Variable_name: name, Value: value }) => Number(value) !== SETTINGS.full[name]);
    if (relaxed.length === 0) return null;
    await apply(admin, "full");
    const settings = relaxed.map(({ Variable_name: name, Value: value }) => `${name}=${value}`).join(", ");
    return `an earlier run was killed and left the server with relaxed durability (${settings}); bench restored full durability`;
  } finally {
    await unlock(admin);
  }
}

export interface DurabilitySwitch extends AsyncDisposable {
  /** true: `bench` manages the server. On any other server, `set` accepts only null. */
  readonly isOwned: boolean;
  /** the durability that was found relaxed and restored, as a sentence; null: it was full */
  readonly restored: string | null;
  /** @param durability null: `full` on a server that `bench` manages, no change on any other server */
  set(durability: Durability | null): Promise<void>;
}

/**
 * Restores a server that a killed run left relaxed. Dispose sets `full` again.
 * @param admin stays open while the switch is in use
 */
export async function openDurability(admin: Connection, isOwned: boolean): Promise<DurabilitySwitch> {
  const restored = await restoreDurability(admin, isOwned);
  let current: Durability | null | "unknown" = null;
  const set = async (durability: Durability | null): Promise<void> => {
    if (durability === current) return;
    if (!isOwned) throw new Error(NOT_OWNED);
    if (durability !== null && !(await lock(admin, LOCK_WAIT_SECONDS)))
      throw new BenchError(
        "INSTANCE_BUSY",
        "the durability of the server was not changed: another bench measures with relaxed durability there",
        "wait for its end, then start again",
      );
    current = "unknown";
    await apply(admin, durability ?? "full");
    current = durability;
    if (durability === null) await unlock(admin);
  };
  return {
    isOwned,
    restored,
    set,
    // A lost server needs no reset: SET GLOBAL does not survive a restart.
    [Symbol.asyncDispose]: () => set(null).catch(() => {}),
  };
}
