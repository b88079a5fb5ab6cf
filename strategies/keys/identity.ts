import type { KeyScheme } from "./key.ts";

export const key: KeyScheme = {
  id: "identity",
  summary: "BIGINT AUTO_INCREMENT, numbered by the server",
  storage: "identity",
  check: { everyRow: "id > 0", ordered: false },
};
