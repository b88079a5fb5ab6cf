import { readFile } from "node:fs/promises";
import { good, note, type Check } from "./check.ts";

const PACKAGE = new URL("../../package.json", import.meta.url);

/** The Node that the project is developed and measured on: exactly one, as an optional dependency per platform. */
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
      note(`Node ${running}; published results come from ${pinned}`, "npm run bench -- ... runs on the pinned one", values),
    ];
  },
};
