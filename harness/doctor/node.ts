import { readFile } from "node:fs/promises";
import { good, note, type Check } from "./check.ts";

const PINNED = new URL("../../runtime/package.json", import.meta.url);
const IS_INSTALLED = import.meta.url.includes("/node_modules/");

/** The Node version of published results, from the workspace that pins it for each platform. */
async function pinnedNode(): Promise<string | null> {
  const { optionalDependencies } = JSON.parse(await readFile(PINNED, "utf8")) as {
    optionalDependencies: Record<string, string>;
  };
  return Object.values(optionalDependencies)[0] ?? null;
}

export const check: Check = {
  id: "node",
  title: "Node",
  isSlow: false,
  async run() {
    const running = process.versions.node;
    const pinned = await pinnedNode();
    const values = { runningVersion: running, pinnedVersion: pinned };
    if (pinned === null || running === pinned) return [good(`Node ${running}`, values)];
    return [
      note(
        `Node ${running}; published results come from ${pinned}`,
        IS_INSTALLED ? `install Node ${pinned} to compare with them` : "run `npm run bench -- ...` to use the pinned version",
        values,
      ),
    ];
  },
};
