/**
 * The option `--buffer-pool`: how much of the data the server keeps in memory. Only on servers that bench manages, for the time of the run.
 * The server resizes its pool while it runs, in steps of 128 MiB.
 */
import { execute, select, selectOne, type Connection } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import { clockMs } from "../../lib/clock.ts";

/** Held while the pool has another size than usual. It ends with its session, so a killed run does not hold it. */
const LOCK = "orm-shootout buffer pool";
const LOCK_WAIT_SECONDS = 60;
const POLL_MS = 50;
/** Shrinking waits for transactions that use pages. */
const RESIZE_DEADLINE_MS = 60_000;
/** The server reports the new size before it has freed the memory. */
const RESIZED = /^(Completed|Size did not change|$)/;
const MEBIBYTE = 2 ** 20;

export interface BufferPoolSwitch extends AsyncDisposable {
  /** the size that a killed run left and that bench restored, as a sentence; null: none */
  readonly restored: string | null;
}

interface Pool {
  readonly bytes: number;
  /** set by a statement since the server started */
  readonly isChanged: boolean;
}

async function readPool(admin: Connection): Promise<Pool> {
  const { bytes, source } = await selectOne<{ bytes: number; source: string | null }>(
    admin,
    `SELECT @@GLOBAL.innodb_buffer_pool_size AS bytes,
            (SELECT VARIABLE_SOURCE FROM performance_schema.variables_info WHERE VARIABLE_NAME = 'innodb_buffer_pool_size') AS source`,
  );
  return { bytes, isChanged: source === "DYNAMIC" };
}

async function lock(admin: Connection, waitSeconds: number): Promise<boolean> {
  const { taken } = await selectOne<{ taken: number | null }>(admin, "SELECT GET_LOCK(?, ?) AS taken", [LOCK, waitSeconds]);
  return taken === 1;
}

const unlock = (admin: Connection): Promise<unknown> => select(admin, "SELECT RELEASE_LOCK(?)", [LOCK]);

async function resize(admin: Connection, bytes: number): Promise<void> {
  await execute(admin, `SET GLOBAL innodb_buffer_pool_size = ${bytes}`);
  const deadline = clockMs() + RESIZE_DEADLINE_MS;
  for (;;) {
    const [status] = await select<{ Value: string }>(admin, "SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_resize_status'");
    if (RESIZED.test(status?.Value ?? "")) return;
    if (clockMs() > deadline)
      throw new BenchError(
        "INSTANCE_BUSY",
        `the server did not resize its buffer pool within ${RESIZE_DEADLINE_MS / 1000} s: ${status?.Value}`,
        "end other programs that use this server, then start again",
      );
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

const inMebibytes = (bytes: number): string => `${(bytes / MEBIBYTE).toLocaleString("en")} MiB`;

/**
 * Restores the size that a killed run left.
 * @param usualBytes as in `openBufferPool`
 * @returns what was restored, as a sentence; null: nothing
 */
export const restoreBufferPool = async (admin: Connection, usualBytes: number | null): Promise<string | null> =>
  (await openBufferPool(admin, usualBytes, null)).restored;

/**
 * Gives the server a pool of this size until the dispose, and checks the size that it then has.
 * @param usualBytes the size with which bench starts this server; null: a server of the user, which bench never changes
 * @param bytes null: the usual size, which a killed run can have left changed
 * @throws BenchError INSTANCE_BUSY, BAD_OPTION if the server has another size
 */
export async function openBufferPool(
  admin: Connection,
  usualBytes: number | null,
  bytes: number | null,
): Promise<BufferPoolSwitch> {
  const nothing: BufferPoolSwitch = { restored: null, async [Symbol.asyncDispose]() {} };
  if (usualBytes === null) return nothing;
  if (!(await lock(admin, bytes === null ? 0 : LOCK_WAIT_SECONDS))) {
    // another run measures with its size, which the record of this run shows
    if (bytes === null) return nothing;
    throw new BenchError(
      "INSTANCE_BUSY",
      "the buffer pool of the server was not resized: another bench measures with --buffer-pool there",
      "wait for its end, then start again",
    );
  }
  const found = await readPool(admin);
  const isLeft = found.isChanged && found.bytes !== usualBytes;
  const restored = isLeft
    ? `an earlier run was killed and left the server with a buffer pool of ${inMebibytes(found.bytes)}; bench restored ${inMebibytes(usualBytes)}`
    : null;
  if (bytes === null) {
    if (isLeft) await resize(admin, usualBytes);
    await unlock(admin);
    return { ...nothing, restored };
  }
  const restore = async (): Promise<void> => {
    await resize(admin, isLeft ? usualBytes : found.bytes);
    await unlock(admin);
  };
  await resize(admin, bytes);
  const now = await readPool(admin);
  if (now.bytes !== bytes) {
    await restore();
    throw new BenchError(
      "BAD_OPTION",
      `the server has a buffer pool of ${inMebibytes(now.bytes)}, and the run requires ${inMebibytes(bytes)}`,
      `pass --buffer-pool ${now.bytes / MEBIBYTE}MB, or use a server whose pool has one instance`,
    );
  }
  return {
    restored,
    // a lost server needs no reset: SET GLOBAL does not survive a restart
    [Symbol.asyncDispose]: () => restore().catch(() => {}),
  };
}
