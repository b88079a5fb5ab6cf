import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parseDatabaseSelector, type DatabaseOptions } from "../../harness/database/selector.ts";
import { BenchError } from "../../lib/errors.ts";
import { targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import { makeCertificates, type Certificates } from "../support/certificates.ts";

function errorOf(options: DatabaseOptions): BenchError {
  try {
    parseDatabaseSelector(options);
  } catch (error) {
    if (error instanceof BenchError) return error;
  }
  throw new Error(`${JSON.stringify(options)} was accepted`);
}

function targetOf(options: DatabaseOptions): ConnectionTarget {
  const selector = parseDatabaseSelector(options);
  if (selector.kind !== "url") throw new Error("no URL");
  return selector.target;
}

let certificates: Certificates;
let folder: string;
beforeAll(async () => {
  certificates = await makeCertificates({ server: { names: "IP:127.0.0.1" } });
  folder = await mkdtemp(join(tmpdir(), "selector-"));
  await writeFile(join(folder, "password"), "from file\n");
  await writeFile(join(folder, "other"), "from another\r\n");
  await writeFile(join(folder, "no.pem"), "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await certificates[Symbol.asyncDispose]();
});

const ENVIRONMENT = ["BENCH_DATABASE_URL", "BENCH_DATABASE_PASSWORD", "BENCH_DATABASE_PASSWORD_FILE"];
beforeEach(() => {
  for (const name of ENVIRONMENT) vi.stubEnv(name, "");
});
afterEach(() => vi.unstubAllEnvs());

describe("--db", () => {
  test("is auto by default", () => {
    expect(parseDatabaseSelector()).toEqual({ kind: "auto" });
  });

  test("uses BENCH_DATABASE_URL without a flag and with auto", () => {
    vi.stubEnv("BENCH_DATABASE_URL", "mysql://a:b@db/s");
    expect(parseDatabaseSelector()).toMatchObject({ kind: "url", target: { host: "db" } });
    expect(parseDatabaseSelector({ db: "auto" })).toMatchObject({ kind: "url", target: { host: "db" } });
  });

  test("prefers the flag to BENCH_DATABASE_URL", () => {
    vi.stubEnv("BENCH_DATABASE_URL", "mysql://a:b@db/s");
    expect(parseDatabaseSelector({ db: "embedded" })).toEqual({ kind: "managed", provider: "embedded" });
    expect(targetOf({ db: "mysql://a:b@other/s" })).toMatchObject({ host: "other" });
  });

  test.each(["docker", "local", "embedded"])("accepts %s", (provider) => {
    expect(parseDatabaseSelector({ db: provider })).toEqual({ kind: "managed", provider });
  });

  test.each([
    ["mysql://u:p@h/s", { host: "h", port: 3306, user: "u", password: "p", schema: "s" }],
    ["mysql://u@h:3307/s", { host: "h", port: 3307, user: "u", password: "", schema: "s" }],
    ["mysql://u%40corp:p%2Fq%23r%25@h/s", { host: "h", port: 3306, user: "u@corp", password: "p/q#r%", schema: "s" }],
    ["mysql://u:p@[::1]:3308/my_schema", { host: "::1", port: 3308, user: "u", password: "p", schema: "my_schema" }],
    ["  mysql://u:p@127.0.0.1/s ", { host: "127.0.0.1", port: 3306, user: "u", password: "p", schema: "s" }],
  ])("parses %s, and targetUrl restores it", (url, target) => {
    const read = targetOf({ db: url });
    expect(read).toEqual({ ...target, tls: null });
    expect(targetOf({ db: targetUrl(read) })).toEqual(read);
  });

  test.each([
    ["mysql://u:secret@h", "has no schema"],
    ["mysql://u:secret@h/", "has no schema"],
    ["mysql://:secret@h/s", "has no user"],
    ["mysql://u:secret@/s", "this database URL is invalid"],
    ["mysql://u:se@cret@h:99999/s", "this database URL is invalid"],
    ["mysql://u:secret%@h/s", "invalid percent-encoding"],
    ["mysql://u:secret@h/s?ssl=true", 'has the unknown option "ssl"'],
    ["mysql://u:secret@h/s?ssl-mode=REQUIRED&SSL-MODE=DISABLED", "sets SSL-MODE twice"],
    ["mysql://u:secret@h/s#x", 'ends in "#x"'],
    ["mysql://u:secret@h/a/b", "is not a valid schema name"],
    [
      `mysql://u:secret@h/${"s".repeat(57)}`,
      "the schema name has 57 characters, and names derived from it would exceed MySQL's 64",
    ],
    ["postgres://u:secret@h/s", "only mysql:// is supported, this is postgres://"],
    ["mariadb://u:secret@h/s", "only mysql:// is supported, this is mariadb://"],
    ["mysql://u:secret/s", "this database URL is invalid"],
    ["mysql://u:se/cret@h/s", "this database URL is invalid"],
    ["mysql://me@corp:secret@h", "has no schema"],
    ["mysql://me@corp:12/secret@h/s", "an @ after its host"],
    ["mysql://me@corp:12/s#secret@h/s", "an @ after its host"],
    ["mysql://me@corp:12/s?secret@h/s", "an @ after its host"],
    ["u:secret://x@h/s", "only mysql:// is supported"],
  ])("refuses %s before it connects, without the password in the message", (db, problem) => {
    const error = errorOf({ db });
    expect(error).toMatchObject({ code: "BAD_DATABASE_URL", exitCode: 2 });
    expect(error.message).toContain(problem);
    expect(error.fix).toBeTruthy();
    expect(`${error.message} ${error.fix}`).not.toMatch(/secret|cret@/);
  });

  test.each([
    ["u:secret@h/s", "u:***@h/s"],
    ["me@corp:secret@h/s", "me@corp:***@h/s"],
    ["mysql:u:secret@h/s", "mysql:***@h/s"],
    ["u:secret", "u:***"],
  ])("does not print the password of %s, which has no scheme", (db, shown) => {
    const error = errorOf({ db });
    expect(error).toMatchObject({ code: "BAD_OPTION", exitCode: 2, message: expect.stringContaining(`"${shown}"`) });
    expect(`${error.message} ${error.fix}`).not.toContain("secret");
  });

  test.each(["mysql://u@h:3307", "mysql://u@[::1]:3307", "mysql://me@corp@h:3307/"])("prints %s unchanged", (db) => {
    expect(errorOf({ db }).message).toContain(`has no schema: ${db}`);
  });

  test("lists the valid values for an unknown one", () => {
    const error = errorOf({ db: "dokcer" });
    expect(error).toMatchObject({ code: "BAD_OPTION", exitCode: 2 });
    expect(error.message).toContain("dokcer");
    expect(error.fix).toContain("docker, local, embedded");
  });
});

describe("TLS", () => {
  const URL = "mysql://u:secret@h/s";
  const ca = () => certificates.ca;

  test.each([
    ["nothing", () => ({ db: URL }), null],
    ["ssl-mode=DISABLED", () => ({ db: `${URL}?ssl-mode=DISABLED` }), null],
    ["ssl-mode=REQUIRED", () => ({ db: `${URL}?ssl-mode=REQUIRED` }), { mode: "required", withCa: false }],
    ["any case", () => ({ db: `${URL}?SSL-Mode=Verify_Identity` }), { mode: "verify-identity", withCa: false }],
    ["only ssl-ca", () => ({ db: `${URL}?ssl-ca=${ca()}` }), { mode: "verify-ca", withCa: true }],
    [
      "both in the URL",
      () => ({ db: `${URL}?ssl-mode=VERIFY_IDENTITY&ssl-ca=${encodeURIComponent(ca())}` }),
      { mode: "verify-identity", withCa: true },
    ],
    ["--tls required", () => ({ db: URL, tls: "required" }), { mode: "required", withCa: false }],
    ["--tls DISABLED", () => ({ db: URL, tls: "DISABLED" }), null],
    ["only --tls-ca", () => ({ db: URL, tlsCa: ca() }), { mode: "verify-ca", withCa: true }],
    ["both options", () => ({ db: URL, tls: "VERIFY_IDENTITY", tlsCa: ca() }), { mode: "verify-identity", withCa: true }],
  ])("has the meaning of MySQL's own clients, and targetUrl preserves it: %s", (_, options, wanted) => {
    const target = targetOf(options());
    const { mode = null, withCa = false } = wanted ?? {};
    expect(target.tls?.mode ?? null).toBe(mode);
    expect(target.tls?.ca ?? null).toBe(withCa ? certificates.caPem : null);
    expect(targetOf({ db: targetUrl(target) })).toEqual(target);
  });

  test.each([
    ["an unknown mode", () => ({ db: URL, tls: "maybe" }), "BAD_OPTION", '--tls has the unknown value "maybe"'],
    [
      "an unknown mode in the URL",
      () => ({ db: `${URL}?ssl-mode=PREFERRED` }),
      "BAD_DATABASE_URL",
      'has the unknown value "PREFERRED"',
    ],
    ["a CA that is not checked", () => ({ db: URL, tls: "required", tlsCa: ca() }), "BAD_OPTION", "checks no certificate"],
    ["a CA without TLS", () => ({ db: URL, tls: "disabled", tlsCa: ca() }), "BAD_OPTION", "checks no certificate"],
    ["verify-ca without one", () => ({ db: URL, tls: "verify-ca" }), "BAD_OPTION", "any certificate of any public authority"],
    [
      "a missing file",
      () => ({ db: URL, tlsCa: "/nowhere/ca.pem" }),
      "BAD_OPTION",
      "cannot read /nowhere/ca.pem: it does not exist",
    ],
    [
      "a missing file in the URL",
      () => ({ db: `${URL}?ssl-ca=/nowhere/ca.pem` }),
      "BAD_DATABASE_URL",
      "cannot read /nowhere/ca.pem: it does not exist",
    ],
    [
      "a file without certificates",
      () => ({ db: URL, tlsCa: join(folder, "password") }),
      "BAD_OPTION",
      "contains no certificate",
    ],
    ["a damaged certificate", () => ({ db: URL, tlsCa: join(folder, "no.pem") }), "BAD_OPTION", "not a list of PEM certificates"],
    ["URL and option", () => ({ db: `${URL}?ssl-mode=REQUIRED`, tls: "required" }), "BAD_OPTION", "both --tls and"],
    [
      "a server that bench manages",
      () => ({ db: "embedded", tls: "required" }),
      "BAD_OPTION",
      "--tls has no effect with --db embedded",
    ],
    ["whatever is found", () => ({ tlsCa: ca() }), "BAD_OPTION", "--tls-ca has no effect with --db auto"],
  ])("with invalid options is refused before a connection: %s", (_, options, code, problem) => {
    const error = errorOf(options());
    expect(error).toMatchObject({ code, exitCode: 2 });
    expect(error.message).toContain(problem);
    expect(error.fix).toBeTruthy();
    expect(`${error.message} ${error.fix}`).not.toContain("secret");
  });
});

describe("the password", () => {
  const URL = "mysql://u@h/s";

  test.each([
    ["the URL", { db: "mysql://u:in%20url@h/s" }, "in url", true],
    ["the URL, with an @ in the user", { db: "mysql://me@corp:in%20url@h/s" }, "in url", true],
    ["the URL, with an @ in it", { db: "mysql://u:in@url@h/s" }, "in@url", true],
    ["the URL, empty", { db: "mysql://u:@h/s" }, "", true],
    ["nowhere", { db: URL }, "", false],
  ])("is read from %s", (_, options, password, hasPassword) => {
    expect(parseDatabaseSelector(options)).toMatchObject({ target: { password }, hasPassword });
  });

  test("is read from --password-file, BENCH_DATABASE_PASSWORD_FILE and BENCH_DATABASE_PASSWORD, in this order", () => {
    const passwordFile = join(folder, "password");
    vi.stubEnv("BENCH_DATABASE_PASSWORD", "from environment");
    expect(parseDatabaseSelector({ db: URL })).toMatchObject({ target: { password: "from environment" }, hasPassword: true });
    vi.stubEnv("BENCH_DATABASE_PASSWORD_FILE", join(folder, "other"));
    expect(targetOf({ db: URL }).password).toBe("from another");
    expect(targetOf({ db: URL, passwordFile }).password).toBe("from file");
    // A password in a URL belongs to that URL; the environment applies to URLs without one.
    expect(targetOf({ db: "mysql://u:own@h/s" }).password).toBe("own");
  });

  test.each([
    ["two of them", () => ({ db: "mysql://u:secret@h/s", passwordFile: join(folder, "password") }), "both --password-file and"],
    [
      "a missing file",
      () => ({ db: URL, passwordFile: "/nowhere/p" }),
      "--password-file: cannot read /nowhere/p: it does not exist",
    ],
    [
      "a file for a server that bench manages",
      () => ({ db: "docker", passwordFile: join(folder, "password") }),
      "with --db docker",
    ],
  ])("is refused before a connection: %s", (_, options, problem) => {
    const error = errorOf(options());
    expect(error).toMatchObject({ code: "BAD_OPTION", exitCode: 2 });
    expect(error.message).toContain(problem);
    expect(error.message).not.toContain("secret");
  });

  test("is refused from a missing file that the environment names", () => {
    vi.stubEnv("BENCH_DATABASE_PASSWORD_FILE", "/nowhere/p");
    expect(errorOf({ db: URL }).message).toContain("BENCH_DATABASE_PASSWORD_FILE: cannot read ");
  });
});
