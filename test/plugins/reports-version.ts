import { version } from "mariadb";
import { strategy as chunked } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Fails with the version of the library that its process loaded. */
export const strategy: Strategy = {
  ...chunked,
  id: "reports-version",
  run: () => Promise.reject(new Error(`loaded mariadb ${version}`)),
};
