/** `--db`: which server is meant. Syntax only; nothing is connected here. */
import { BenchError } from "../../lib/errors.ts";
import type { ConnectionTarget } from "../../lib/target.ts";

/** The schema in which everything happens unless a URL names another. */
export const DEFAULT_SCHEMA = "orm_shootout";

/** The ways of starting a server of our own. */
const MANAGED_PROVIDER_NAMES = ["docker", "local", "embedded"] as const;
export type ManagedProviderName = (typeof MANAGED_PROVIDER_NAMES)[number];

export type DatabaseSelector =
  | { readonly kind: "auto" }
  | { readonly kind: "managed"; readonly provider: ManagedProviderName }
  | { readonly kind: "url"; readonly target: ConnectionTarget };

const URL_FORM = "mysql://user:password@host:3306/schema";
const DEFAULT_PORT = 3306;

/** Whatever stands where a password may stand is replaced, also in text that is no valid URL. */
function maskPassword(text: string): string {
  return text.replace(/(:\/\/[^:@/\s]*):.*@/, "$1:***@");
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

function parseDatabaseUrl(text: string): ConnectionTarget {
  const scheme = text.slice(0, text.indexOf("://"));
  if (scheme !== "mysql")
    throw badUrl(text, `only mysql:// is supported, this is ${scheme}://`, `use a MySQL server: ${URL_FORM}`);
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
  if (schema.includes("/")) throw badUrl(text, `"${schema}" can't be a schema name`, `the form is ${URL_FORM}`);
  if (url.search !== "" || url.hash !== "")
    throw badUrl(text, `the database URL takes no options, this has "${url.search}${url.hash}"`, `the form is ${URL_FORM}`);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? DEFAULT_PORT : Number(url.port),
    user: decodePart(text, url.username, "user"),
    password: decodePart(text, url.password, "password"),
    schema,
  };
}

/**
 * Syntax check only, before anything connects.
 * @param selector the value of --db; without one BENCH_DATABASE_URL counts, and without that `auto`
 * @throws BenchError BAD_DATABASE_URL or BAD_OPTION
 */
export function parseDatabaseSelector(selector: string | undefined): DatabaseSelector {
  const fromEnvironment = process.env["BENCH_DATABASE_URL"];
  const text = (selector ?? (fromEnvironment === "" ? undefined : fromEnvironment) ?? "auto").trim();
  if (text.includes("://")) return { kind: "url", target: parseDatabaseUrl(text) };
  // An explicit `--db auto` still prefers the URL of the environment: it is the first step of auto's order.
  if (text === "auto") {
    if (fromEnvironment?.includes("://")) return { kind: "url", target: parseDatabaseUrl(fromEnvironment.trim()) };
    return { kind: "auto" };
  }
  const provider = MANAGED_PROVIDER_NAMES.find((name) => name === text);
  if (provider !== undefined) return { kind: "managed", provider };
  const where = selector === undefined ? "BENCH_DATABASE_URL" : "--db";
  throw new BenchError(
    "BAD_OPTION",
    `${where} doesn't know "${maskPassword(text)}"`,
    `use auto, ${MANAGED_PROVIDER_NAMES.join(", ")} or a URL: ${URL_FORM}`,
  );
}
