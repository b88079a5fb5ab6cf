/** A run with a cell of every status, for the tests of reporters. */
import type { RunResults } from "../../harness/results/records.ts";
import { recordedCell, recordedRun, recordedSample, timedOut, wrong } from "../support/records.ts";

export const setBased = recordedCell({ strategy: "set-based", orm: "mysql2", ormClass: "raw" });
export const raw = recordedCell({ strategy: "chunked", orm: "mysql2", ormClass: "raw", chunkUsers: 1000 });
export const full = recordedCell({ strategy: "chunked", orm: "prisma", chunkUsers: 1000 });
export const naive = recordedCell({ strategy: "naive", orm: "prisma" });
export const liar = recordedCell({ strategy: "case-when", orm: "prisma", chunkUsers: 1000 });
export const cannot = recordedCell({ strategy: "set-based", orm: "prisma" });

export const mixed: RunResults = recordedRun(
  [setBased, raw, full, naive, liar, cannot],
  [1, 2, 3].flatMap((round) => [
    recordedSample(setBased, round, { wallMs: 8_000 * round, statements: 18 }),
    recordedSample(raw, round, { wallMs: 10_000 * round }),
    recordedSample(full, round, { wallMs: 20_000 * round, retries: round === 2 ? 1 : 0 }),
    recordedSample(naive, round, timedOut({ statements: 1_000 })),
    recordedSample(liar, round, round === 2 ? wrong("wrong result: users: one | two") : {}),
    recordedSample(cannot, round, {
      ...wrong("prisma offers no server-side"),
      status: "skipped",
      verified: null,
      statements: null,
      peakRssBytes: null,
    }),
  ]),
);
