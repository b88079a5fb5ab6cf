/** Parses `--db` and its related options into a selector, without any connection. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { BenchError, messageOf, type ErrorCode } from "../../lib/errors.ts";
import { secretOf } from "../../lib/secrets.ts";
import { reasonOfFile } from "../../lib/file-errors.ts";
import { publicUrl, type ConnectionTarget } from "../../lib/target.ts";
import { TLS_MODES, type TlsMode, type TlsPolicy } from "../../lib/tls.ts";

/** The schema to use unless a URL names another. */
export const DEFAULT_SCHEMA = "orm_shootout";

/** The providers that start a managed server. */
const MANAGED_PROVIDER_NAMES = ["docker", "local", "embedded"] as const;
export type ManagedProviderName = (typeof MANAGED_PROVIDER_NAMES)[number];
/** The names that `--db` accepts, besides a URL. */
export const DATABASE_SOURCES = ["auto", ...MANAGED_PROVIDER_NAMES] as const;

export type DatabaseSelector =
  | { readonly kind: "auto" }
  | { readonly kind: "managed"; readonly provider: ManagedProviderName }
  | {
      readonly kind: "url";
      readonly target: ConnectionTarget;
      /** false: neither URL, file nor environment contains a password, so that bench can prompt for it */
      readonly hasPassword: boolean;
      /** as given by --password-file */
      readonly passwordFile?: string;
    };

/** Options of the command line. */
export interface DatabaseOptions {
  readonly db?: string;
  readonly tls?: string;
  readonly tlsCa?: string;
  readonly passwordFile?: string;
}

const URL_FORM = "mysql://user:password@host:3306/schema";
const DEFAULT_PORT = 3306;
/** MySQL's 64 without the longest suffixes, `_scratch` and `_api_run`. */
const MAX_SCHEMA_CHARS = 56;

/**
 * Masks every part of the text that can be a password, also in an invalid URL: without scheme, without host, with a raw @ in the
 * user. It rather masks a port than shows a password.
 */
function maskPassword(text: string): string {
  const [scheme = ""] = /^[a-z][\w+.-]*:\/\//i.exec(text) ?? [];
  const rest = text.slice(scheme.length);
  // user@host:port without a password
  if (/^[^:]*@(\[[^\]@]*\]|[^:@]*)(:\d*)?([/?#][^@]*)?$/.test(rest)) return text;
  const colon = rest.indexOf(":");
  if (colon < 0) return text;
  const at = rest.lastIndexOf("@");
  return `${scheme}${rest.slice(0, colon)}:***${at > colon ? rest.slice(at) : ""}`;
}

function badUrl(text: string, problem: string, fix: string): BenchError {
  return new BenchError("BAD_DATABASE_URL", `${problem}: ${maskPassword(text)}`, fix);
}

function decodePart(text: string, part: string, name: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badUrl(text, `the ${name} in the database URL has invalid percent-encoding`, `write % as %25, @ as %40, / as %2F`);
  }
}

type UrlWords = Partial<Record<"mode" | "caFile" | "socketPath", string>>;
type TlsWords = Pick<UrlWords, "mode" | "caFile">;

/** Reads `?ssl-mode=VERIFY_CA&ssl-ca=/path` and `socket=/path`, the option names of MySQL's clients. */
function wordsOf(text: string, url: URL): UrlWords {
  const names: Readonly<Record<string, keyof UrlWords>> = { "ssl-mode": "mode", "ssl-ca": "caFile", socket: "socketPath" };
  const words: UrlWords = {};
  // a plus sign is a plus sign in a MySQL URL, and a blank only in a form
  for (const [name, value] of new URLSearchParams(url.search.replaceAll("+", "%2B"))) {
    const word = names[name.toLowerCase()];
    if (word === undefined || words[word] !== undefined)
      throw badUrl(
        text,
        word === undefined ? `the database URL has the unknown option "${name}"` : `the database URL sets ${name} twice`,
        `use the form ${URL_FORM}?ssl-mode=VERIFY_IDENTITY&ssl-ca=/path/to/ca.pem`,
      );
    words[word] = value;
  }
  return words;
}

function parseDatabaseUrl(text: string): { target: Omit<ConnectionTarget, "tls">; hasPassword: boolean; tls: TlsWords } {
  const scheme = text.slice(0, text.indexOf("://"));
  if (scheme !== "mysql")
    throw badUrl(
      text,
      // text that is not a scheme can be a user and a part of a password
      /^[a-z][\w+.-]*$/i.test(scheme) ? `only mysql:// is supported, this is ${scheme}://` : "only mysql:// is supported",
      `use a MySQL server: ${URL_FORM}`,
    );
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badUrl(
      text,
      "this database URL is invalid",
      `use the form ${URL_FORM}; write @ : / ? # in a password as %40 %3A %2F %3F %23`,
    );
  }
  if (url.hostname === "") throw badUrl(text, "the database URL has no host", `use the form ${URL_FORM}`);
  if (url.username === "") throw badUrl(text, "the database URL has no user", `use the form ${URL_FORM}`);
  const schema = decodePart(text, url.pathname.slice(1), "schema");
  if (schema === "")
    throw badUrl(
      text,
      "the database URL has no schema",
      `add a schema that bench may create, for example /${DEFAULT_SCHEMA}: ${URL_FORM}`,
    );
  // this can be the end of a password, which no message may contain
  if ([url.pathname, url.hash, ...url.searchParams.keys()].some((part) => part.includes("@")))
    throw badUrl(text, "the database URL has an @ after its host", `write @ / # in a user or a password as %40 %2F %23`);
  if (schema.includes("/")) throw badUrl(text, `"${schema}" is not a valid schema name`, `use the form ${URL_FORM}`);
  if (schema.length > MAX_SCHEMA_CHARS)
    throw badUrl(
      text,
      `the schema name has ${schema.length} characters, and names derived from it would exceed MySQL's 64`,
      `name a schema of at most ${MAX_SCHEMA_CHARS} characters`,
    );
  if (url.hash !== "") throw badUrl(text, `the database URL ends in "${url.hash}"`, `write # in a password as %23`);
  const { socketPath, ...tls } = wordsOf(text, url);
  if (socketPath !== undefined && !socketPath.startsWith("/"))
    throw badUrl(
      text,
      `"${socketPath}" is no absolute path of a socket`,
      `the form is ${URL_FORM}?socket=/run/mysqld/mysqld.sock`,
    );
  return {
    target: {
      ...(socketPath !== undefined && { socketPath }),
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port === "" ? DEFAULT_PORT : Number(url.port),
      user: decodePart(text, url.username, "user"),
      password: decodePart(text, url.password, "password"),
      schema,
    },
    // URL() drops the colon of an empty password, which counts as a password
    hasPassword: /^mysql:\/\/[^/?#]*:[^/?#]*@/.test(text),
    tls,
  };
}

/** Reads a file from the command line or the environment. */
function readNamedFile(path: string, code: ErrorCode, where: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new BenchError(code, `${where}: cannot read ${path}: ${reasonOfFile(error)}`, "pass a readable file", error);
  }
}

/** @throws BenchError for a file that is not a list of PEM certificates */
function readCa(path: string, code: ErrorCode, where: string): string {
  const pem = readNamedFile(path, code, where);
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    if (certificates.length === 0) throw new Error("it contains no certificate");
    for (const certificate of certificates) void new X509Certificate(certificate);
  } catch (error) {
    throw new BenchError(
      code,
      `${where}: ${path} is not a list of PEM certificates (${messageOf(error)})`,
      "use the CA file of the server, for example ca.pem in its data folder",
      error,
    );
  }
  return pem;
}

/** @param place names of the URL parts or options, for messages */
function tlsPolicy(words: TlsWords, place: { code: ErrorCode; mode: string; caFile: string }): TlsPolicy | null {
  const { mode: modeWord, caFile } = words;
  // as in MySQL's clients: a CA without a mode means verify-ca
  const wanted = modeWord?.toLowerCase().replaceAll("_", "-") ?? (caFile === undefined ? "disabled" : "verify-ca");
  const mode: TlsMode | undefined = TLS_MODES.find((known) => known === wanted);
  if (mode === undefined && wanted !== "disabled")
    throw new BenchError(
      place.code,
      `${place.mode} has the unknown value "${modeWord}"`,
      `use ${TLS_MODES.join(", ")} or disabled; bench never falls back from one to another`,
    );
  if (caFile !== undefined && (mode === undefined || mode === "required"))
    throw new BenchError(
      place.code,
      `${place.caFile} has no effect with ${place.mode} ${wanted}, which checks no certificate`,
      "use verify-ca or verify-identity",
    );
  if (mode === "verify-ca" && caFile === undefined)
    throw new BenchError(
      place.code,
      `${place.mode} verify-ca needs ${place.caFile}: without it, any certificate of any public authority would pass`,
      `add ${place.caFile}, or use verify-identity`,
    );
  if (mode === undefined) return null;
  return { mode, ca: caFile === undefined ? null : readCa(caFile, place.code, place.caFile), caFile: caFile ?? null };
}

function tlsOf(text: string, fromUrl: TlsWords, { tls, tlsCa }: DatabaseOptions): TlsPolicy | null {
  const inUrl = Object.keys(fromUrl).length > 0;
  if (tls === undefined && tlsCa === undefined)
    return tlsPolicy(fromUrl, { code: "BAD_DATABASE_URL", mode: "ssl-mode of the database URL", caFile: "ssl-ca" });
  if (inUrl)
    throw new BenchError(
      "BAD_OPTION",
      `both ${tls === undefined ? "--tls-ca" : "--tls"} and ${maskPassword(text)} set TLS`,
      "set TLS in one of them",
    );
  return tlsPolicy(
    { ...(tls !== undefined && { mode: tls }), ...(tlsCa !== undefined && { caFile: tlsCa }) },
    { code: "BAD_OPTION", mode: "--tls", caFile: "--tls-ca" },
  );
}

const environment = (name: string): string | undefined => {
  const value = secretOf(name);
  return value === "" ? undefined : value;
};

/** Removes the line end of a password file, which does not belong to the password. */
const firstLine = (text: string): string => text.replace(/\r?\n$/, "");

/** A password from a file or the environment. @returns undefined without one */
function passwordBeside({ passwordFile }: DatabaseOptions): string | undefined {
  if (passwordFile !== undefined) return firstLine(readNamedFile(passwordFile, "BAD_OPTION", "--password-file"));
  const file = environment("BENCH_DATABASE_PASSWORD_FILE");
  if (file !== undefined) return firstLine(readNamedFile(file, "BAD_OPTION", "BENCH_DATABASE_PASSWORD_FILE"));
  return environment("BENCH_DATABASE_PASSWORD");
}

function urlSelector(text: string, options: DatabaseOptions): DatabaseSelector {
  const { target, hasPassword, tls } = parseDatabaseUrl(text);
  if (hasPassword && options.passwordFile !== undefined)
    throw new BenchError("BAD_OPTION", `both --password-file and ${maskPassword(text)} contain a password`, "pass one of them");
  const password = hasPassword ? target.password : passwordBeside(options);
  const policy = tlsOf(text, tls, options);
  if (policy !== null && target.socketPath !== undefined)
    throw new BenchError(
      options.tls === undefined ? "BAD_DATABASE_URL" : "BAD_OPTION",
      `TLS over a Unix socket: ${maskPassword(text)}`,
      "leave TLS out: a socket does not leave the machine; or leave out socket=",
    );
  return {
    kind: "url",
    target: { ...target, password: password ?? "", tls: policy },
    hasPassword: password !== undefined,
    ...(options.passwordFile !== undefined && { passwordFile: options.passwordFile }),
  };
}

/** Options only for a server given by URL. */
const URL_OPTIONS = { tls: "--tls", tlsCa: "--tls-ca", passwordFile: "--password-file" } as const;

function refuseUrlOptions(options: DatabaseOptions, text: string): void {
  for (const [name, flag] of Object.entries(URL_OPTIONS))
    if (options[name as keyof typeof URL_OPTIONS] !== undefined)
      throw new BenchError(
        "BAD_OPTION",
        `${flag} has no effect with --db ${text}: bench reaches its own servers on this machine with a generated password`,
        `pass a URL: --db ${URL_FORM}`,
      );
}

/**
 * Parses the options and reads the named files.
 * @param options without `db`, BENCH_DATABASE_URL counts, else `auto`
 * @throws BenchError BAD_DATABASE_URL or BAD_OPTION
 */
export function parseDatabaseSelector(options: DatabaseOptions = {}): DatabaseSelector {
  const fromEnvironment = environment("BENCH_DATABASE_URL");
  const text = (options.db ?? fromEnvironment ?? "auto").trim();
  if (text.includes("://")) return urlSelector(text, options);
  // `--db auto` uses the URL of the environment too, which is the first step of auto's order
  if (text === "auto" && fromEnvironment?.includes("://")) return urlSelector(fromEnvironment.trim(), options);
  const provider = MANAGED_PROVIDER_NAMES.find((name) => name === text);
  if (text === "auto" || provider !== undefined) {
    refuseUrlOptions(options, text);
    return provider === undefined ? { kind: "auto" } : { kind: "managed", provider };
  }
  const where = options.db === undefined ? "BENCH_DATABASE_URL" : "--db";
  throw new BenchError(
    "BAD_OPTION",
    `${where} has the unknown value "${maskPassword(text)}"`,
    `use ${DATABASE_SOURCES.join(", ")} or a URL: ${URL_FORM}`,
  );
}

/** `--db` and what belongs to it, as arguments that reach the same server again; without the password. */
export function databaseArguments(selector: DatabaseSelector): string[] {
  if (selector.kind === "auto") return [];
  if (selector.kind === "managed") return ["--db", selector.provider];
  const file = selector.passwordFile === undefined ? [] : ["--password-file", selector.passwordFile];
  return ["--db", publicUrl(selector.target), ...file];
}

/** A value of --db as it was given, without the password of a URL. */
export function withoutPassword(text: string): string {
  if (!text.includes("://")) return text;
  const url = new URL(text.trim());
  url.password = "";
  return url.href;
}
