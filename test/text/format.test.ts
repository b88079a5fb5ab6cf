import { describe, expect, it } from "vitest";
import {
  bytes,
  decimal,
  duration,
  factor,
  nanoseconds,
  percent,
  shortPercent,
  signedPercent,
  times,
  wholePercent,
} from "../../harness/text/format.ts";

describe("a number in the output", () => {
  it.each([
    ["a time of microseconds", duration(0.214), "0.21 ms"],
    ["a time below a second", duration(950.4), "950 ms"],
    ["a time that rounds to a second", duration(999.6), "1.00 s"],
    ["a time of minutes", duration(204_000), "3.4 min"],
    ["a time of nanoseconds", nanoseconds(812), "812 ns"],
    ["a small ratio", times(1.234), "1.23x"],
    ["a large ratio", times(56.34), "56.3x"],
    ["a tiny ratio", times(0.004_41), "0.0044x"],
    ["a factor in a sentence", factor(2_280.4), "2,280"],
    ["a fraction", percent(0.1234), "12.3 %"],
    ["a rough fraction", wholePercent(0.456), "46 %"],
    ["a chosen fraction", shortPercent(0.05), "5 %"],
    ["a small chosen fraction", shortPercent(0.005), "0.5 %"],
    ["a growth", signedPercent(0.125), "+12.5 %"],
    ["a decrease", signedPercent(-0.03), "-3.0 %"],
    ["a size", bytes(512 * 2 ** 20), "512 MiB"],
    ["a small size", bytes(319_488), "312 KiB"],
    ["a number without a unit", decimal(1.236, 2), "1.24"],
    ["an unknown number", decimal(null, 2), "-"],
  ])("has one form: %s", (_what, shown, expected) => {
    expect(shown).toBe(expected);
  });
});
