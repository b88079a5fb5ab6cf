import type { Preset } from "./preset.ts";

export const preset: Preset = {
  id: "identity",
  summary: "chunked with keys numbered by the server",
  strategy: "chunked",
  axes: { key: "identity" },
};
