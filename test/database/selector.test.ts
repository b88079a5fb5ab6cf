import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseDatabaseSelector } from "../../harness/database/selector.ts";
import { BenchError } from "../../lib/errors.ts";

function errorOf(selector: string): BenchError {
  try {
    parseDatabaseSelector(selector);
  } catch (error) {
    if (error instanceof BenchError) return error;
  }
  throw new Error(`${selector} was accepted`);
}

describe("--db", () => {
  beforeEach(() => vi.stubEnv("BENCH_DATABASE_URL", ""));
  afterEach(() => vi.unstubAllEnvs());

  test("is auto when nothing is said", () => {
    expect(parseDatabaseSelector(undefined)).toEqual({ kind: "auto" });
  });

  test("takes BENCH_DATABASE_URL when no flag is given, and with auto", () => {
    vi.stubEnv("BENCH_DATABASE_URL", "mysql://a:b@db/s");
    expect(parseDatabaseSelector(undefined)).toMatchObject({ kind: "url", target: { host: "db" } });
    expect(parseDatabaseSelector("auto")).toMatchObject({ kind: "url", target: { host: "db" } });
  });

  test("prefers the flag to BENCH_DATABASE_URL", () => {
    vi.stubEnv("BENCH_DATABASE_URL", "mysql://a:b@db/s");
    expect(parseDatabaseSelector("embedded")).toEqual({ kind: "managed", provider: "embedded" });
    expect(parseDatabaseSelector("mysql://a:b@other/s")).toMatchObject({ target: { host: "other" } });
  });

  test.each(["docker", "local", "embedded"])("knows %s", (provider) => {
    expect(parseDatabaseSelector(provider)).toEqual({ kind: "managed", provider });
  });

  test.each([
    ["mysql://u:p@h/s", { host: "h", port: 3306, user: "u", password: "p", schema: "s" }],
    ["mysql://u@h:3307/s", { host: "h", port: 3307, user: "u", password: "", schema: "s" }],
    ["mysql://u%40corp:p%2Fq%23r%25@h/s", { host: "h", port: 3306, user: "u@corp", password: "p/q#r%", schema: "s" }],
    ["mysql://u:p@[::1]:3308/my_schema", { host: "::1", port: 3308, user: "u", password: "p", schema: "my_schema" }],
    ["  mysql://u:p@127.0.0.1/s ", { host: "127.0.0.1", port: 3306, user: "u", password: "p", schema: "s" }],
  ])("reads %s", (url, target) => {
    expect(parseDatabaseSelector(url)).toEqual({ kind: "url", target });
  });

  test.each([
    ["mysql://u:secret@h", "names no schema"],
    ["mysql://u:secret@h/", "names no schema"],
    ["mysql://:secret@h/s", "names no user"],
    ["mysql://u:secret@/s", "can't be read"],
    ["mysql://u:se@cret@h:99999/s", "can't be read"],
    ["mysql://u:secret%@h/s", "not valid percent-encoding"],
    ["mysql://u:secret@h/s?ssl=true", "takes no options"],
    ["mysql://u:secret@h/a/b", "can't be a schema name"],
    ["postgres://u:secret@h/s", "only mysql:// is supported, this is postgres://"],
    ["mariadb://u:secret@h/s", "only mysql:// is supported, this is mariadb://"],
  ])("refuses %s before connecting, without repeating the password", (url, problem) => {
    const error = errorOf(url);
    expect(error).toMatchObject({ code: "BAD_DATABASE_URL", exitCode: 2 });
    expect(error.message).toContain(problem);
    expect(error.fix).toBeTruthy();
    expect(`${error.message} ${error.fix}`).not.toMatch(/secret|cret@/);
  });

  test("names what it knows when it is told something else", () => {
    const error = errorOf("dokcer");
    expect(error).toMatchObject({ code: "BAD_OPTION", exitCode: 2 });
    expect(error.message).toContain("dokcer");
    expect(error.fix).toContain("docker, local, embedded");
  });
});
