/** `--db` and what goes with it: which server is meant, and how it is reached. Nothing is connected here. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { BenchError, messageOf, type ErrorCode } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../../lib/target.ts";
import { TLS_MODES, type TlsMode, type TlsPolicy } from "../../lib/tls.ts";

/** The schema in which everything happens unless a URL names another. */
export const DEFAULT_SCHEMA = "orm_shootout";

/** The ways of starting a server of our own. */
const MANAGED_PROVIDER_NAMES = ["docker", "local", "embedded"] as const;
export type ManagedProviderName = (typeof MANAGED_PROVIDER_NAMES)[number];
/** The words that `--db` accepts beside a URL. */
export const DATABASE_SOURCES = ["auto", ...MANAGED_PROVIDER_NAMES] as const;

export type DatabaseSelector =
  | { readonly kind: "auto" }
  | { readonly kind: "managed"; readonly provider: ManagedProviderName }
  | {
      readonly kind: "url";
      readonly target: ConnectionTarget;
      /** false: there is none in the URL, a file or the environment, so that a terminal may be asked */
      readonly hasPassword: boolean;
    };

/** As options of the command line bring them. */
export interface DatabaseOptions {
  readonly db?: string;
  readonly tls?: string;
  readonly tlsCa?: string;
  readonly passwordFile?: string;
}

const URL_FORM = "mysql://user:password@host:3306/schema";
const DEFAULT_PORT = 3306;

/**
 * Whatever stands where a password may stand is replaced, also in text that is no valid URL: without its scheme, without
 * its host, with a raw @ in the user. Rather a port too many than a password.
 */
function maskPassword(text: string): string {
  const [scheme = ""] = /^[a-z][\w+.-]*:\/\//i.exec(text) ?? [];
  const rest = text.slice(scheme.length);
  // user@host:port, and no password
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
    throw badUrl(
      text,
      `the ${name} in the database URL is not valid percent-encoding`,
      `write % itself as %25, @ as %40, / as %2F`,
    );
  }
}

type TlsWords = Partial<Record<"mode" | "caFile", string>>;

/** `?ssl-mode=VERIFY_CA&ssl-ca=/path`, as MySQL's own clients name them. */
function tlsWordsOf(text: string, url: URL): TlsWords {
  const names: Readonly<Record<string, keyof TlsWords>> = { "ssl-mode": "mode", "ssl-ca": "caFile" };
  const words: TlsWords = {};
  for (const [name, value] of url.searchParams) {
    const word = names[name.toLowerCase()];
    if (word === undefined || words[word] !== undefined)
      throw badUrl(
        text,
        word === undefined ? `the database URL takes no option "${name}"` : `the database URL names ${name} twice`,
        `the form is ${URL_FORM}?ssl-mode=VERIFY_IDENTITY&ssl-ca=/path/to/ca.pem`,
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
      // what is no name may be a user and half a password
      /^[a-z][\w+.-]*$/i.test(scheme) ? `only mysql:// is supported, this is ${scheme}://` : "only mysql:// is supported",
      `use a MySQL server: ${URL_FORM}`,
    );
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badUrl(
      text,
      "this database URL can't be read",
      `the form is ${URL_FORM}; write @ : / ? # in a password as %40 %3A %2F %3F %23`,
    );
  }
  if (url.hostname === "") throw badUrl(text, "the database URL names no host", `the form is ${URL_FORM}`);
  if (url.username === "") throw badUrl(text, "the database URL names no user", `the form is ${URL_FORM}`);
  const schema = decodePart(text, url.pathname.slice(1), "schema");
  if (schema === "")
    throw badUrl(
      text,
      "the database URL names no schema",
      `add one that may be created, for example /${DEFAULT_SCHEMA}: ${URL_FORM}`,
    );
  // the end of a password, which no message may quote
  if ([url.pathname, url.hash, ...url.searchParams.keys()].some((part) => part.includes("@")))
    throw badUrl(text, "the database URL has an @ behind its host", `write @ / # in a user or a password as %40 %2F %23`);
  if (schema.includes("/")) throw badUrl(text, `"${schema}" can't be a schema name`, `the form is ${URL_FORM}`);
  if (url.hash !== "") throw badUrl(text, `the database URL ends in "${url.hash}"`, `write # in a password as %23`);
  return {
    target: {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port === "" ? DEFAULT_PORT : Number(url.port),
      user: decodePart(text, url.username, "user"),
      password: decodePart(text, url.password, "password"),
      schema,
    },
    // URL() drops the colon of an empty password, which is one all the same
    hasPassword: /^mysql:\/\/[^/?#]*:[^/?#]*@/.test(text),
    tls: tlsWordsOf(text, url),
  };
}

/** A file that was named on the command line or in the environment. */
function readNamedFile(path: string, code: ErrorCode, where: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new BenchError(code, `${where}: ${messageOf(error)}`, "name a file that can be read", error);
  }
}

/** @throws BenchError if there is anything but certificates in it */
function readCa(path: string, code: ErrorCode, where: string): string {
  const pem = readNamedFile(path, code, where);
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    if (certificates.length === 0) throw new Error("no certificate in it");
    for (const certificate of certificates) void new X509Certificate(certificate);
  } catch (error) {
    throw new BenchError(
      code,
      `${where}: ${path} is no list of PEM certificates (${messageOf(error)})`,
      "use the file that the server's operator names as its CA, for example ca.pem of its data folder",
      error,
    );
  }
  return pem;
}

/** @param place what to call in messages: the URL or the options */
function tlsPolicy(words: TlsWords, place: { code: ErrorCode; mode: string; caFile: string }): TlsPolicy | null {
  const { mode: modeWord, caFile } = words;
  // as in MySQL's own clients: a CA alone is there to be checked against
  const wanted = modeWord?.toLowerCase().replaceAll("_", "-") ?? (caFile === undefined ? "disabled" : "verify-ca");
  const mode: TlsMode | undefined = TLS_MODES.find((known) => known === wanted);
  if (mode === undefined && wanted !== "disabled")
    throw new BenchError(
      place.code,
      `${place.mode} doesn't know "${modeWord}"`,
      `use ${TLS_MODES.join(", ")} or disabled; none of them falls back to another by itself`,
    );
  if (caFile !== undefined && (mode === undefined || mode === "required"))
    throw new BenchError(
      place.code,
      `${place.caFile} with ${place.mode} ${wanted}, which checks no certificate`,
      "use verify-ca or verify-identity",
    );
  if (mode === "verify-ca" && caFile === undefined)
    throw new BenchError(
      place.code,
      `${place.mode} verify-ca without ${place.caFile}: any certificate of any public authority would do`,
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
      `both ${tls === undefined ? "--tls-ca" : "--tls"} and ${maskPassword(text)}`,
      "say it once",
    );
  return tlsPolicy(
    { ...(tls !== undefined && { mode: tls }), ...(tlsCa !== undefined && { caFile: tlsCa }) },
    { code: "BAD_OPTION", mode: "--tls", caFile: "--tls-ca" },
  );
}

const environment = (name: string): string | undefined => {
  const value = process.env[name];
  return value === "" ? undefined : value;
};

/** One line ends at the file's end, not in the password. */
const firstLine = (text: string): string => text.replace(/\r?\n$/, "");

/** A password that does not stand in the URL. @returns undefined if there is none */
function passwordBeside({ passwordFile }: DatabaseOptions): string | undefined {
  if (passwordFile !== undefined) return firstLine(readNamedFile(passwordFile, "BAD_OPTION", "--password-file"));
  const file = environment("BENCH_DATABASE_PASSWORD_FILE");
  if (file !== undefined) return firstLine(readNamedFile(file, "BAD_OPTION", "BENCH_DATABASE_PASSWORD_FILE"));
  return environment("BENCH_DATABASE_PASSWORD");
}

function urlSelector(text: string, options: DatabaseOptions): DatabaseSelector {
  const { target, hasPassword, tls } = parseDatabaseUrl(text);
  if (hasPassword && options.passwordFile !== undefined)
    throw new BenchError("BAD_OPTION", `both --password-file and a password in ${maskPassword(text)}`, "give one of them");
  const password = hasPassword ? target.password : passwordBeside(options);
  return {
    kind: "url",
    target: { ...target, password: password ?? "", tls: tlsOf(text, tls, options) },
    hasPassword: password !== undefined,
  };
}

/** What only makes sense for a server that isn't ours. */
const URL_OPTIONS = { tls: "--tls", tlsCa: "--tls-ca", passwordFile: "--password-file" } as const;

function refuseUrlOptions(options: DatabaseOptions, text: string): void {
  for (const [name, flag] of Object.entries(URL_OPTIONS))
    if (options[name as keyof typeof URL_OPTIONS] !== undefined)
      throw new BenchError(
        "BAD_OPTION",
        `${flag} with --db ${text}: our own servers are reached on this machine, by a password of their own`,
        `give a URL with it: --db ${URL_FORM}`,
      );
}

/**
 * Syntax, and the files that are named; before anything connects.
 * @param options without `db` BENCH_DATABASE_URL counts, and without that `auto`
 * @throws BenchError BAD_DATABASE_URL or BAD_OPTION
 */
export function parseDatabaseSelector(options: DatabaseOptions = {}): DatabaseSelector {
  const fromEnvironment = environment("BENCH_DATABASE_URL");
  const text = (options.db ?? fromEnvironment ?? "auto").trim();
  if (text.includes("://")) return urlSelector(text, options);
  // An explicit `--db auto` still prefers the URL of the environment: it is the first step of auto's order.
  if (text === "auto" && fromEnvironment?.includes("://")) return urlSelector(fromEnvironment.trim(), options);
  const provider = MANAGED_PROVIDER_NAMES.find((name) => name === text);
  if (text === "auto" || provider !== undefined) {
    refuseUrlOptions(options, text);
    return provider === undefined ? { kind: "auto" } : { kind: "managed", provider };
  }
  const where = options.db === undefined ? "BENCH_DATABASE_URL" : "--db";
  throw new BenchError(
    "BAD_OPTION",
    `${where} doesn't know "${maskPassword(text)}"`,
    `use ${DATABASE_SOURCES.join(", ")} or a URL: ${URL_FORM}`,
  );
}
