// Node strips types everywhere but under node_modules, where an installed bench lies. This does it there, for bench's own
// files and no others. Loaded by bench.cjs, and by --import in the processes and threads that measure.
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";

const OWN_FOLDER = new URL("..", import.meta.url).href;

// The first call warns that the function is experimental, which says nothing to a user of bench.
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
