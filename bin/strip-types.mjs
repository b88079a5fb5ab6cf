// Node strips no types below node_modules, where an installed `bench` lies. This module strips them there, only for the
// files of `bench`. bench.cjs loads it, and --import loads it in the measuring processes and threads.
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";

const OWN_FOLDER = new URL("..", import.meta.url).href;

// The first call warns that the function is experimental. The warning does not help a user of `bench`.
const emitWarning = process.emitWarning.bind(process);
process.emitWarning = () => {};
stripTypeScriptTypes("");
process.emitWarning = emitWarning;

const isOwn = (url) =>
  url.startsWith(OWN_FOLDER) && url.endsWith(".ts") && !url.slice(OWN_FOLDER.length).includes("node_modules/");

registerHooks({
  load(url, context, nextLoad) {
    if (!isOwn(url)) return nextLoad(url, context);
    return { format: "module", source: stripTypeScriptTypes(readFileSync(new URL(url), "utf8")), shortCircuit: true };
  },
});
