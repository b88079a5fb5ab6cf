/**
 * The axis `--durability`: what a commit waits for. Full is the default everywhere; relaxed is for those who run their server
 * that way, and its numbers are told apart wherever they are shown.
 */
import { execute, type Connection } from "../../lib/connection.ts";
import type { Durability } from "../plan/cell.ts";

/** Global variables that a running server takes. Relaxed: a crash of the machine loses what was committed in the last second. */
const SETTINGS: Readonly<Record<Durability | "full", Readonly<Record<string, number>>>> = {
  full: { innodb_flush_log_at_trx_commit: 1, sync_binlog: 1 },
  relaxed: { innodb_flush_log_at_trx_commit: 2, sync_binlog: 0 },
};

export const NOT_OURS = "durability is changed on servers of ours alone";

export interface DurabilitySwitch extends AsyncDisposable {
  /** somebody else's server has its own durability alone */
  readonly isOurs: boolean;
  /** @param durability null: the server's own */
  set(durability: Durability | null): Promise<void>;
}

/**
 * A server of ours is durable when this returns, whatever a process that was killed left behind, and again when it is disposed
 * of. Somebody else's is never changed.
 * @param admin open for as long as the switch is used
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
    // of a server that is gone there is nothing to put right: it starts with its own settings
    [Symbol.asyncDispose]: () => set(null).catch(() => {}),
  };
}
