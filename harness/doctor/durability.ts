import { duration } from "../text/format.ts";
import { good, note, unreliable, type Check, type Finding } from "./check.ts";

/** A network volume in a cloud takes 0.5 to 2 ms. With a slower fsync, row-by-row techniques measure mainly the disk. */
const SLOW_FSYNC_MS = 3;
/** A local disk without a protected cache takes longer. */
const SUSPICIOUS_FSYNC_MS = 0.02;

export const check: Check = {
  id: "durability",
  title: "Durability and disk",
  isSlow: false,
  async run({ environment: { server, fsyncP50Ms }, restoredDurability }) {
    const findings: Finding[] = restoredDurability === null ? [] : [note(restoredDurability, null)];
    const values = { durability: server.durability };
    if (server.durability === "full") findings.push(good("commits survive a crash of the machine (durability full)", values));
    else if (server.durability === "relaxed")
      findings.push(
        unreliable(
          "durability is relaxed: row-by-row techniques are faster here than on a server whose commits survive a crash",
          "set innodb_flush_log_at_trx_commit=1, sync_binlog=1 and innodb_doublewrite=ON",
          values,
        ),
      );
    else
      findings.push(
        note(`durability is ${server.durability}: the server's operator decides whether commits survive a crash`, null, values),
      );

    const disk = { fsyncP50Ms };
    const took = duration(fsyncP50Ms);
    if (fsyncP50Ms === null) findings.push(note("bench could not measure an fsync in the current folder", null, disk));
    else if (fsyncP50Ms > SLOW_FSYNC_MS)
      findings.push(
        note(
          `an fsync takes ${took} (p50): row-by-row techniques measure mainly the disk`,
          "compare statements in addition to times",
          disk,
        ),
      );
    else if (fsyncP50Ms < SUSPICIOUS_FSYNC_MS)
      findings.push(
        note(
          `an fsync takes ${took} (p50): faster than a disk, so differences between techniques are smaller than in production`,
          null,
          disk,
        ),
      );
    else findings.push(good(`an fsync takes ${took} (p50; network volumes take 0.5 to 2 ms)`, disk));
    return findings;
  },
};
