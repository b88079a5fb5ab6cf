/**
 * `npm run test:mutations`: puts each fault of list.ts into a copy of the tree, runs the test files that must find it, and
 * fails if they pass.
 *
 *   npm run test:mutations -- rules oracle          only these
 *
 *   npm run test:mutations -- limit --names stop    only tests of that name
 *
 *   npm run test:mutations -- --before DIR          in a checkout of the earlier suite, with its own packages
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { MUTATIONS } from "./list.ts";
import type { Mutation } from "./mutation.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
/** Not under version control, and needed by the tests. */
const GENERATED = "orms/prisma/generated";

type Outcome = "found" | "MISSED" | "BROKEN";

async function output(command: string, args: readonly string[], cwd: string): Promise<{ code: number | null; text: string }> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  await once(child, "close");
  return { code: child.exitCode, text };
}

/** The tracked files of a tree; packages are a link. */
async function copyTree(tree: string, folder: string): Promise<void> {
  const { text } = await output("git", ["ls-files", "-z"], tree);
  const files = text.split("\0").filter((file) => file !== "" && !file.startsWith("results/"));
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(tree, file), join(folder, file), { verbatimSymlinks: true });
  }
  await cp(join(tree, GENERATED), join(folder, GENERATED), { recursive: true }).catch(() => {});
  await symlink(join(tree, "node_modules"), join(folder, "node_modules"));
}

async function tryOne(
  { file, find, replace, tests, only }: Mutation,
  folder: string,
): Promise<{ outcome: Outcome; text: string }> {
  const path = join(folder, file);
  const original = await readFile(path, "utf8");
  if (original.split(find).length !== 2) return { outcome: "BROKEN", text: `${file} does not hold the text once` };
  await writeFile(
    path,
    original.replace(find, () => replace),
  );
  try {
    const names = only === undefined ? [] : [`--testNamePattern=${only}`];
    const vitest = join(folder, "node_modules/vitest/vitest.mjs");
    const { code, text } = await output(process.execPath, [vitest, "run", "--maxWorkers=1", ...names, ...tests], folder);
    const [, passed, failed] = /^tests: (\d+) passed, (\d+) failed/m.exec(text) ?? [];
    // one that fails without a test failed for another reason than the fault
    if (failed === undefined || Number(passed) + Number(failed) === 0) return { outcome: "BROKEN", text };
    return { outcome: code !== 0 && Number(failed) > 0 ? "found" : "MISSED", text };
  } finally {
    await writeFile(path, original);
  }
}

const { values, positionals } = parseArgs({
  options: { before: { type: "string" }, names: { type: "string" } },
  allowPositionals: true,
});
const isEarlier = values.before !== undefined;
const wanted = MUTATIONS.filter(
  ({ id, before }) => (positionals.length === 0 || positionals.includes(id)) && !(isEarlier && before === null),
);
const tree = values.before === undefined ? PROJECT : resolve(values.before);
const folder = await mkdtemp(join(tmpdir(), "mutations-"));
const outcomes: Outcome[] = [];
try {
  await copyTree(tree, folder);
  for (const mutation of wanted) {
    const startedAt = performance.now();
    const where = isEarlier ? { ...mutation, ...mutation.before } : mutation;
    const tried = values.names === undefined ? where : { ...where, only: values.names };
    const { outcome, text } = await tryOne(tried, folder);
    outcomes.push(outcome);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    process.stdout.write(`${outcome.padEnd(7)} ${mutation.id.padEnd(22)} ${seconds} s  ${mutation.fault}\n`);
    if (outcome !== "found") process.stdout.write(`${text.split("\n").slice(-40).join("\n")}\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const found = outcomes.filter((outcome) => outcome === "found").length;
process.stdout.write(`\n${found} of ${wanted.length} faults found\n`);
if (found < wanted.length) process.exitCode = 1;
