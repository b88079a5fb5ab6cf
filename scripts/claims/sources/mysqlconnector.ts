import type { ClaimSource } from "../claim.ts";

export const source: ClaimSource = {
  group: "published",
  name: "mysql-net/MySqlConnector #1124",
  url: "https://github.com/mysql-net/MySqlConnector/issues/1124",
  year: 2022,
  environment: "C#, MySQL, 1,000 rows; durability unknown",
  claims: [
    {
      says: "One multi-row INSERT is faster than single INSERTs.",
      figure: { kind: "pair", worse: 1.3, better: 0.015, unit: "s" },
      measure: {
        kind: "cells",
        run: "origin",
        value: "inserts",
        worse: { strategy: "naive", orm: "mysql2" },
        better: { strategy: "case-when", orm: "mysql2" },
      },
      note: "The source sends its single INSERTs in one packet, and here each waits for the last one.",
    },
  ],
};
