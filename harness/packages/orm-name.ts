/** Parses a library and its version: `prisma`, `prisma@7.9.1`, `drizzle@file:../build`, `./my-orm.ts@1.2.3`. */
import { BenchError } from "../../lib/errors.ts";

export type VersionRequest =
  | { readonly kind: "exact"; readonly version: string }
  /** an unreleased build: the folder of a package, or a .tgz from `npm pack` */
  | { readonly kind: "file"; readonly path: string };

export interface OrmName {
  /** an id, or the path of a user's ORM */
  readonly name: string;
  readonly version: VersionRequest | null;
}

const ID_AND_VERSION = /^([\w-]+)@(.*)$/;
/** A folder name can contain `@`, so only a suffix that looks like a version counts. */
const PATH_AND_VERSION = /^(.+)@(\d+\.[^/]*|file:.+)$/;
/** An exact semantic version: a range would select another version after the next release. */
const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** @throws BenchError BAD_OPTION for a version that is not exact */
export function parseOrmName(text: string): OrmName {
  const [, name, version] = ID_AND_VERSION.exec(text) ?? PATH_AND_VERSION.exec(text) ?? [];
  if (name === undefined || version === undefined) return { name: text, version: null };
  if (version.startsWith("file:") && version.length > "file:".length)
    return { name, version: { kind: "file", path: version.slice("file:".length) } };
  if (EXACT.test(version)) return { name, version: { kind: "exact", version } };
  throw new BenchError(
    "BAD_OPTION",
    `"${text}" has no exact version: ${version === "" ? "the version is empty" : `"${version}" is not exact`}`,
    `write for example ${name}@1.2.3 or ${name}@file:../build; \`npm view <package> versions\` lists versions`,
  );
}
