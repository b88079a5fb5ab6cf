import { lying } from "./lying.ts";

export const strategy = lying("misses-one-coupon", (real) => ({
  insertMany: (table, rows) => real.insertMany(table, table === "couponIssues" ? rows.slice(1) : rows),
}));
