/** Faster loading of a package of many files. */
import { registerHooks } from "node:module";

/**
 * Imports a module while relative imports within a package skip Node's search for the nearest package.json. Node 24 parses that
 * file again for each module: with the 180 kB of Drizzle's, its 131 modules took 2.0 s of CPU per measuring process in place of
 * 0.25 s.
 *
 * @param packageName of a package whose `.js` files are all ES modules
 */
export async function importWithOwnFiles<Module>(packageName: string, load: () => Promise<Module>): Promise<Module> {
  const folder = `/node_modules/${packageName}/`;
  const hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      const isOwn = specifier.startsWith(".") && specifier.endsWith(".js") && context.parentURL?.includes(folder);
      if (isOwn !== true) return nextResolve(specifier, context);
      return { url: new URL(specifier, context.parentURL).href, format: "module", shortCircuit: true };
    },
  });
  try {
    return await load();
  } finally {
    hooks.deregister();
  }
}
