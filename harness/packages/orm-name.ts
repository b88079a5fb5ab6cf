/** How a library and its version are asked for: `prisma`, `prisma@7.9.1`, `drizzle@file:../build`, `./my-orm.ts@1.2.3`. */
import { BenchError } from "../../lib/errors.ts";

export type VersionRequest =
  | { readonly kind: "exact"; readonly version: string }
  /** an unreleased build: a package's folder, or what `npm pack` made of it */
  | { readonly kind: "file"; readonly path: string };

export interface OrmName {
  /** an id, or the path of a user's own */
  readonly name: string;
  readonly version: VersionRequest | null;
}

const ID_AND_VERSION = /^([\w-]+)@(.*)$/;
/** A folder's name may have an `@` in it, so only what looks like a version counts. */
const PATH_AND_VERSION = /^(.+)@(\d+\.[^/]*|file:.+)$/;
/** Semantic Versioning: exact, because a range is another version tomorrow. */
const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** @throws BenchError BAD_OPTION for what is no exact version */
export function parseOrmName(text: string): OrmName {
  const [, name, version] = ID_AND_VERSION.exec(text) ?? PATH_AND_VERSION.exec(text) ?? [];
  if (name === undefined || version === undefined) return { name: text, version: null };
  if (version.startsWith("file:") && version.length > "file:".length)
    return { name, version: { kind: "file", path: version.slice("file:".length) } };
  if (EXACT.test(version)) return { name, version: { kind: "exact", version } };
  throw new BenchError(
    "BAD_OPTION",
    `"${text}": ${version === "" ? "nothing" : `"${version}"`} is no exact version`,
    `for example ${name}@1.2.3 or ${name}@file:../build; \`npm view <package> versions\` lists what there is`,
  );
}
