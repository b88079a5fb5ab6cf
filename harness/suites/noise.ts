import type { Suite } from "./suite.ts";

export const suite: Suite = {
  id: "noise",
  summary: "the reference alone: how much the machine's own noise is",
  groups: [{ strategies: ["set-based"], orms: ["mysql2"], keys: ["identity"], chunkUsers: [] }],
  rounds: 10,
};
