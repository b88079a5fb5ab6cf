/**
 * Loaded by --import into a measuring process and its threads if the cell requests a version of its library. The hook resolves
 * the library's packages, and code generated for that version, to the folder where bench installed the version.
 */
import { realpathSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const PACKAGES_VARIABLE = "ORM_SHOOTOUT_PACKAGES";

/** Passed by the harness to the measuring process as JSON in an environment variable. */
export interface MovedPackages {
  readonly packages: readonly string[];
  readonly lookupUrl: string;
  readonly projectUrl: string;
  readonly generated: { readonly from: string; readonly to: string } | null;
}

function install({ packages, lookupUrl, projectUrl, generated }: MovedPackages): void {
  // Node names modules by their real paths: with a linked cache folder, a driver of the project was not found
  const ownFolder = pathToFileURL(join(realpathSync(fileURLToPath(new URL("./", lookupUrl))), "/")).href;
  const { resolve: resolveInProject } = createRequire(projectUrl);
  const isMoved = (specifier: string): boolean => packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const { parentURL } = context;
      if (parentURL?.startsWith(ownFolder) === true) {
        try {
          return nextResolve(specifier, context);
        } catch (error) {
          // an optional peer dependency, such as the driver, comes from the project
          if (!/^[@\w]/.test(specifier)) throw error;
          // for `require`, Node ignores a changed parent
          if (context.conditions.includes("require")) return nextResolve(resolveInProject(specifier), context);
          return nextResolve(specifier, { ...context, parentURL: projectUrl });
        }
      }
      if (isMoved(specifier)) return nextResolve(specifier, { ...context, parentURL: lookupUrl });
      // rewritten before resolution: the folder beside the description may lack generated files
      if (generated !== null && specifier.startsWith(".") && parentURL?.startsWith("file:") === true) {
        const file = fileURLToPath(new URL(specifier, parentURL));
        if (file.startsWith(generated.from))
          return nextResolve(pathToFileURL(generated.to + file.slice(generated.from.length)).href, context);
      }
      return nextResolve(specifier, context);
    },
  });
}

const movedPackages = process.env[PACKAGES_VARIABLE];
if (movedPackages !== undefined) install(JSON.parse(movedPackages) as MovedPackages);
