import { duration } from "../text/format.ts";
import { good, note, unreliable, type Check, type Finding } from "./check.ts";

/** A cloud's network volume takes 0.5 to 2 ms; above it row-by-row techniques measure little else. */
const SLOW_FSYNC_MS = 3;
/** A local disk without a protected cache can't be so fast. */
const SUSPICIOUS_FSYNC_MS = 0.02;

export const check: Check = {
  id: "durability",
  title: "Durability and disk",
  isSlow: false,
  async run({ environment: { server, fsyncP50Ms } }) {
    const findings: Finding[] = [];
    const values = { durability: server.durability };
    if (server.durability === "full") findings.push(good("commits survive a crash of the machine (durability full)", values));
    else if (server.durability === "relaxed")
      findings.push(
        unreliable(
          "durability is relaxed: row-by-row techniques look better than they are where commits must survive",
          "innodb_flush_log_at_trx_commit=1, sync_binlog=1, innodb_doublewrite=ON",
          values,
        ),
      );
    else
      findings.push(note(`durability is ${server.durability}: who runs the server decides what a commit is worth`, null, values));

    const disk = { fsyncP50Ms };
    const took = duration(fsyncP50Ms);
    if (fsyncP50Ms === null) findings.push(note("an fsync could not be measured in the current folder", null, disk));
    else if (fsyncP50Ms > SLOW_FSYNC_MS)
      findings.push(
        note(
          `an fsync takes ${took} (p50): row-by-row techniques will measure the disk`,
          "compare statements as well as times",
          disk,
        ),
      );
    else if (fsyncP50Ms < SUSPICIOUS_FSYNC_MS)
      findings.push(
        note(
          `an fsync takes ${took} (p50): faster than a disk; gaps between techniques will be smaller than in production`,
          null,
          disk,
        ),
      );
    else findings.push(good(`an fsync takes ${took} (p50; network volumes take 0.5 to 2 ms)`, disk));
    return findings;
  },
};
