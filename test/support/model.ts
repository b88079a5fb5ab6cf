import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Finished } from "./bench.ts";

const MAIN = fileURLToPath(new URL("../../model/main.ts", import.meta.url));

/** Runs `npm run model -- ...args`. */
export function model(...args: readonly string[]): Promise<Finished> {
  const { promise, resolve } = Promise.withResolvers<Finished>();
  const env = { ...process.env, NODE_OPTIONS: "" };
  const child = execFile(process.execPath, [MAIN, ...args], { env }, (_error, stdout, stderr) =>
    resolve({ code: child.exitCode, stdout, stderr }),
  );
  return promise;
}
