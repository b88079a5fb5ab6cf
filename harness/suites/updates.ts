import { ALL_ORMS, type Suite, type SuiteGroup } from "./suite.ts";

const MANY_ROW_UPDATES = ["case-when", "elt-field", "upsert", "join-values", "join-union", "json-table", "temp-table"];
const SIZES = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/** The same sizes in the order of their information: a run with a time limit measures the first ones. */
const LIBRARY_SIZES = [
  [500, 2_000],
  [100, 10_000],
  [50, 200, 1_000, 5_000],
];
/** The work of CASE and FIELD grows with the square of the rows. At 10,000 users per chunk a sample would take minutes. */
const LIMIT_MS = 60_000;

export const suite: Suite = {
  id: "updates",
  summary:
    "all many-row updates with 50 to 10,000 users per chunk, first on the raw driver and then through each library; takes hours without --orm",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] },
    {
      strategies: [...MANY_ROW_UPDATES, "temp-table-load", "chunked"],
      orms: ["mysql2"],
      keys: ["identity"],
      chunkUsers: SIZES,
      cellLimitMs: LIMIT_MS,
    },
    ...LIBRARY_SIZES.map((chunkUsers): SuiteGroup => ({
      strategies: [...MANY_ROW_UPDATES, "chunked"],
      orms: ALL_ORMS,
      keys: ["identity"],
      chunkUsers,
      cellLimitMs: LIMIT_MS,
    })),
    { strategies: ["temp-table-load"], orms: ["mariadb"], keys: ["identity"], chunkUsers: SIZES, cellLimitMs: LIMIT_MS },
  ],
  rounds: 3,
};
