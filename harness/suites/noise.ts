import type { Suite } from "./suite.ts";

export const suite: Suite = {
  id: "noise",
  summary: "only the reference, to measure the noise of the machine",
  groups: [{ strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] }],
  rounds: 10,
};
