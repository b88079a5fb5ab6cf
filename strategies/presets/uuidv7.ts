import type { Preset } from "./preset.ts";

export const preset: Preset = {
  id: "uuidv7",
  summary: "chunked with time-ordered UUIDs made by the client",
  strategy: "chunked",
  axes: { key: "uuidv7" },
};
