/** Other trees of the project, as the base of a gate. */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const CODE = [
  "api",
  "bin",
  "consistency",
  "fixtures",
  "harness",
  "lib",
  "orms",
  "runtime",
  "strategies",
  "workload",
  "package.json",
  "plugin.ts",
];

export interface Tree extends AsyncDisposable {
  readonly folder: string;
  /** replaces a text of one file; the file must contain the text */
  edit(file: string, piece: string, by: string): Promise<void>;
}

/** A checkout of the project's current state, with the same packages. */
export async function copyProject(): Promise<Tree> {
  const folder = await mkdtemp(join(tmpdir(), "bench-tree-"));
  for (const name of CODE) await cp(join(PROJECT, name), join(folder, name), { recursive: true });
  await symlink(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  return {
    folder,
    async edit(file, piece, by) {
      const text = await readFile(join(folder, file), "utf8");
      if (!text.includes(piece)) throw new Error(`${file} holds no ${piece}`);
      await writeFile(join(folder, file), text.replace(piece, by));
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The smallest tree that a gate accepts as a checkout: a measuring process with a given protocol version. */
export async function writeMinimalTree(folder: string, protocol: number): Promise<void> {
  const files = {
    "package.json": JSON.stringify({ name: "orm-shootout", version: "0.0.1", type: "module" }),
    "package-lock.json": JSON.stringify({
      name: "orm-shootout",
      version: "0.0.1",
      lockfileVersion: 3,
      packages: { "": { name: "orm-shootout", version: "0.0.1" } },
    }),
    "harness/child.ts": "export {};\n",
    "harness/protocol.ts": `export const PROTOCOL_VERSION = ${protocol};\n`,
  };
  await mkdir(join(folder, "harness"), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}
