/** Which servers can run a technique, by version and setting. */
import { expect, it } from "vitest";
import { skipText, unmetNeed, type ServerFacts } from "../../harness/run/server-needs.ts";
import type { ServerNeeds } from "../../strategies/strategy.ts";

const NEEDS: ServerNeeds = { mysql: "8.0.19", mariadb: "10.6", localInfile: true };
const textOf = (needs: ServerNeeds, version: string, variables: ServerFacts["variables"] = {}): string | null => {
  const unmet = unmetNeed(needs, { version, variables });
  return unmet === null ? null : skipText(unmet);
};

it.each([
  ["8.0.19", null],
  ["8.0.19-commercial", null],
  ["8.0.100", null],
  ["8.4.0", null],
  ["9.7.4-2", null],
  ["10.6.1-MariaDB-log", null],
  ["11.4.2-MariaDB", null],
  ["8.0.18", "MySQL 8.0.18 is too old for this technique. Use MySQL 8.0.19 or later."],
  ["8.0.9", "MySQL 8.0.9 is too old for this technique. Use MySQL 8.0.19 or later."],
  ["10.5.29-MariaDB", "10.5.29-MariaDB is too old for this technique. Use MariaDB 10.6 or later."],
])("compares the parts of a version as numbers: %s", (version, expected) => {
  expect(textOf(NEEDS, version)).toBe(expected);
});

it("names MySQL for SQL that no MariaDB has, whatever its version", () => {
  expect(textOf({ mysql: "8.0.19", mariadb: null }, "12.1.2-MariaDB")).toBe(
    "12.1.2-MariaDB lacks the SQL of this technique. Use MySQL.",
  );
  expect(textOf({ mysql: "8.0.19", mariadb: null }, "8.4.0")).toBeNull();
});

it("needs local_infile only where the technique does, and where the server shows it", () => {
  expect(textOf(NEEDS, "8.4.0", { local_infile: "ON" })).toBeNull();
  expect(textOf(NEEDS, "8.4.0", { local_infile: "OFF" })).toBe(
    "local_infile is OFF on the server. Run SET GLOBAL local_infile = 1.",
  );
  expect(textOf(NEEDS, "8.4.0")).toBeNull();
  expect(textOf({}, "8.0.0", { local_infile: "OFF" })).toBeNull();
});

it("allows temporary tables unless the binary log has statements and GTIDs", () => {
  const forbidding = { log_bin: "ON", binlog_format: "STATEMENT", enforce_gtid_consistency: "ON" };
  const text = textOf({ temporaryTables: true }, "9.7.4", forbidding);
  expect(text).toMatch(/^with binlog_format STATEMENT and GTIDs.*\. Run SET GLOBAL binlog_format = ROW\.$/);
  for (const change of [{ log_bin: "OFF" }, { binlog_format: "MIXED" }, { enforce_gtid_consistency: "WARN" }])
    expect(textOf({ temporaryTables: true }, "9.7.4", { ...forbidding, ...change })).toBeNull();
  expect(textOf({}, "9.7.4", forbidding)).toBeNull();
});
