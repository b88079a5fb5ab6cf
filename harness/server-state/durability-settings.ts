/**
 * The axis `--durability`: the writes that a commit waits for. `full` is the default. `relaxed` measures the configuration of
 * servers that run with it, and every report labels its numbers.
 */
import { execute, type Connection } from "../../lib/connection.ts";
import type { Durability } from "../plan/cell.ts";

/** Global variables, set on the running server. Relaxed: a crash of the machine loses the commits of the last second. */
const SETTINGS: Readonly<Record<Durability | "full", Readonly<Record<string, number>>>> = {
  full: { innodb_flush_log_at_trx_commit: 1, sync_binlog: 1 },
  relaxed: { innodb_flush_log_at_trx_commit: 2, sync_binlog: 0 },
};

export const NOT_OURS = "bench changes the durability only of servers that it manages";

export interface DurabilitySwitch extends AsyncDisposable {
  /** true: `bench` manages the server. On any other server, `set` accepts only null. */
  readonly isOurs: boolean;
  /** @param durability null: `full` on a server that `bench` manages, no change on any other server */
  set(durability: Durability | null): Promise<void>;
}

/**
 * Sets a server that `bench` manages to `full`: a killed process may have left the server relaxed. Dispose sets `full` again.
 * No other server is ever changed.
 * @param admin stays open while the switch is in use
 */
export async function openDurability(admin: Connection, isOurs: boolean): Promise<DurabilitySwitch> {
  let current: Durability | null | "unknown" = "unknown";
  const set = async (durability: Durability | null): Promise<void> => {
    if (durability === current) return;
    if (!isOurs) {
      if (durability !== null) throw new Error(NOT_OURS);
      return;
    }
    current = "unknown";
    for (const [name, value] of Object.entries(SETTINGS[durability ?? "full"]))
      await execute(admin, `SET GLOBAL ${name} = ${value}`);
    current = durability;
  };
  await set(null);
  return {
    isOurs,
    set,
    // A lost server needs no reset: SET GLOBAL does not survive a restart.
    [Symbol.asyncDispose]: () => set(null).catch(() => {}),
  };
}
