import type { Strategy } from "../../strategies/strategy.ts";

export const strategy: Strategy = {
  id: "does-nothing",
  summary: "",
  requires: [],
  usesChunks: false,
  splitsByUsers: true,
  run: async () => {},
};
