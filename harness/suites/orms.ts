import { ALL_ORMS, type Suite } from "./suite.ts";

export const suite: Suite = {
  id: "orms",
  summary: "every library with its bulk interface and with CASE WHEN, on two tracks; then native upserts and units of work",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] },
    {
      strategies: ["chunked", "case-when"],
      orms: ALL_ORMS,
      keys: ["identity"],
      chunkUsers: [500],
      tracks: ["default", "matched"],
    },
    // the best idiom of a library can be another one than its bulk interface
    { strategies: ["upsert"], orms: ["mysql2", "typeorm", "sequelize"], keys: ["identity"], chunkUsers: [500] },
    { strategies: ["unit-of-work"], orms: ["mikro-orm", "typeorm"], keys: ["identity"], chunkUsers: [500] },
  ],
  rounds: 7,
};
