import { readFile } from "node:fs/promises";
import { good, note, type Check } from "./check.ts";

const PACKAGE = new URL("../../package.json", import.meta.url);

/** The pinned Node version of published results, from the optional dependency of each platform. */
async function pinnedNode(): Promise<string | null> {
  const { optionalDependencies } = JSON.parse(await readFile(PACKAGE, "utf8")) as {
    optionalDependencies?: Record<string, string>;
  };
  return Object.entries(optionalDependencies ?? {}).find(([name]) => name.startsWith("node-"))?.[1] ?? null;
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
        "run `npm run bench -- ...` to use the pinned version",
        values,
      ),
    ];
  },
};
