/**
 * Loaded by --import into a measuring process and its threads when its library runs in a version of its own: the library's
 * packages are looked up where that version is installed, and code generated for it is taken from there too.
 */
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

export const PACKAGES_VARIABLE = "ORM_SHOOTOUT_PACKAGES";

/** What the harness tells the measuring process, as JSON in the environment. */
export interface MovedPackages {
  readonly packages: readonly string[];
  readonly lookupUrl: string;
  readonly projectUrl: string;
  readonly generated: { readonly from: string; readonly to: string } | null;
}

function install({ packages, lookupUrl, projectUrl, generated }: MovedPackages): void {
  const ownFolder = new URL("./", lookupUrl).href;
  const isMoved = (specifier: string): boolean => packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const { parentURL } = context;
      if (parentURL?.startsWith(ownFolder) === true) {
        try {
          return nextResolve(specifier, context);
        } catch (error) {
          // an optional peer, such as the driver, is the one that the project has
          if (!/^[@\w]/.test(specifier)) throw error;
          return nextResolve(specifier, { ...context, parentURL: projectUrl });
        }
      }
      if (isMoved(specifier)) return nextResolve(specifier, { ...context, parentURL: lookupUrl });
      // before it is looked for: beside the description nothing need ever have been generated
      if (generated !== null && specifier.startsWith(".") && parentURL?.startsWith("file:") === true) {
        const file = fileURLToPath(new URL(specifier, parentURL));
        if (file.startsWith(generated.from))
          return nextResolve(pathToFileURL(generated.to + file.slice(generated.from.length)).href, context);
      }
      return nextResolve(specifier, context);
    },
  });
}

const told = process.env[PACKAGES_VARIABLE];
if (told !== undefined) install(JSON.parse(told) as MovedPackages);
