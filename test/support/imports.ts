/** Each worker of the tests imports this file first: Node cannot resolve or load these imports. */
import { registerHooks } from "node:module";

const PLUGIN = new URL("../../plugin.ts", import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    // The plug-ins of the example project find it as a package. Here they are loaded where they lie.
    if (specifier === "orm-shootout/plugin") return next(PLUGIN, context);
    // It imports JSON without the attribute that Node requires.
    const isActions = context.parentURL?.includes("/node_modules/@actions/") === true;
    const resolved = next(specifier, context);
    return isActions && specifier.endsWith(".json") ? { ...resolved, importAttributes: { type: "json" } } : resolved;
  },
});
