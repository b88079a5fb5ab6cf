import { ALL_ORMS, type Suite } from "./suite.ts";

export const suite: Suite = {
  id: "orms",
  summary: "every library with its bulk interface and with CASE WHEN, on the default and the matched track",
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
