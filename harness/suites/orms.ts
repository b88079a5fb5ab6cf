import { ALL_ORMS, type Suite } from "./suite.ts";

export const suite: Suite = {
  id: "orms",
  summary: "every library by its own bulk interface and by CASE WHEN, as documented and with the same settings for all",
  groups: [
    { strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] },
    {
      strategies: ["chunked", "case-when"],
      orms: ALL_ORMS,
      keys: ["identity"],
      chunkUsers: [500],
      tracks: ["default", "matched"],
    },
  ],
  rounds: 7,
};
