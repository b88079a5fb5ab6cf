import type { Preset } from "./preset.ts";

export const preset: Preset = {
  id: "parallel",
  summary: "chunked by 6 workers, each with its own client and pool",
  strategy: "chunked",
  axes: { workers: 6 },
};
