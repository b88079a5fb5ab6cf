import type { Strategy } from "../../strategies/strategy.ts";

export const strategy: Strategy = {
  id: "exits",
  summary: "",
  requires: [],
  usesChunks: false,
  splitsByUsers: true,
  async run() {
    process.exit(0);
  },
};
