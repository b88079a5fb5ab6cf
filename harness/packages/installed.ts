/** Finds packages that this project measures or runs, but does not bring along, and names the command that installs them. */
import { findPackageJSON } from "node:module";
import { BenchError } from "../../lib/errors.ts";
import type { OrmDescription } from "../../orms/orm.ts";
import manifest from "../../package.json" with { type: "json" };

const TREE_URL = new URL("../../", import.meta.url).href;
const IS_CHECKOUT = !TREE_URL.includes("/node_modules/");
/** The versions that the tests of this project use. */
const TESTED: Readonly<Record<string, string | undefined>> = { ...manifest.devDependencies, ...manifest.dependencies };

function isInstalled(name: string, from: string): boolean {
  try {
    return findPackageJSON(name, from) !== undefined;
  } catch {
    return false;
  }
}

/** All packages of a library in a project that uses it. */
export const packagesOf = ({
  packageName,
  packages = [packageName],
  companions = [],
}: Pick<OrmDescription, "packageName" | "packages" | "companions">): string[] => [...packages, ...companions];

/** @param from URL of the importing module: a user's ORM can have packages that this project does not have */
export const missingPackages = (names: readonly string[], from: string): string[] =>
  names.filter((name) => !isInstalled(name, from));

/** Names tested versions: the next major version of a library can have another interface. */
export function installCommand(names: readonly string[], from: string): string {
  if (IS_CHECKOUT && from.startsWith(TREE_URL)) return "npm ci";
  const packages = names.map((name) => (TESTED[name] === undefined ? name : `${name}@${TESTED[name]}`));
  return `npm install --save-dev ${packages.join(" ")}`;
}

/** @throws BenchError PACKAGES_NOT_INSTALLED */
export function requirePackages(names: readonly string[], from: string, purpose: string): void {
  const missing = missingPackages(names, from);
  if (missing.length === 0) return;
  throw new BenchError(
    "PACKAGES_NOT_INSTALLED",
    `${purpose} needs packages that are not installed: ${missing.join(", ")}`,
    `run \`${installCommand(missing, from)}\``,
  );
}
