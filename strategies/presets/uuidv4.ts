import type { Preset } from "./preset.ts";

export const preset: Preset = {
  id: "uuidv4",
  summary: "chunked with random UUIDs made by the client",
  strategy: "chunked",
  axes: { key: "uuidv4" },
};
