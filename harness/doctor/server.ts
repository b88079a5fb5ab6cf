import { bytes, serverName } from "../text/format.ts";
import { good, note, unreliable, type Check, type Finding } from "./check.ts";

/** A million orders with their index, all tables and the expected rows take about 400 MiB. */
const DATA_BYTES = 400 * 2 ** 20;
/** With a smaller redo log, a sample with many writes waits for checkpoints. */
const MIN_REDO_BYTES = 2 ** 30;

export const check: Check = {
  id: "server",
  title: "Server",
  isSlow: false,
  async run({ environment: { server }, database }) {
    const { variables, version, provider } = server;
    const findings: Finding[] = [
      good(
        `${serverName(version)} (${provider}${database.owned ? "" : ", not managed by bench: bench does not change its settings"})`,
        {
          version,
          provider,
        },
      ),
    ];
    const setting = (name: string): number | null => {
      const value = variables[name];
      return value === null || value === undefined ? null : Number(value);
    };
    const pool = setting("innodb_buffer_pool_size");
    const poolValues = { bufferPoolBytes: pool };
    if (pool === null) findings.push(note("the account cannot read the server's settings", null, poolValues));
    else if (pool < DATA_BYTES)
      findings.push(
        unreliable(
          `the buffer pool of ${bytes(pool)} is smaller than the data at default size (about ${bytes(DATA_BYTES)}): samples measure the disk`,
          "raise innodb_buffer_pool_size, or lower --scale",
          poolValues,
        ),
      );
    else findings.push(good(`the data fits the buffer pool of ${bytes(pool)}`, poolValues));
    const redo = setting("innodb_redo_log_capacity");
    if (redo !== null && redo < MIN_REDO_BYTES)
      findings.push(
        note(
          `the redo log of ${bytes(redo)} is small: samples with many writes wait for checkpoints`,
          "raise innodb_redo_log_capacity to 1 GiB",
          {
            redoLogBytes: redo,
          },
        ),
      );
    return findings;
  },
};
