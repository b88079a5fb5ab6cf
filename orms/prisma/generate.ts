/**
 * Generates Prisma's client from schema.prisma if the client is missing or does not match the schema or the library.
 * Generated code is not committed, because it belongs to one version of Prisma. Run directly, this file does the same.
 */
import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { outputOf } from "../../lib/run-program.ts";
import type { PreparePlace } from "../orm.ts";

const FOLDER = dirname(fileURLToPath(import.meta.url));
/** The location beside this file, with the installed version. */
const HERE: PreparePlace = { packagesUrl: import.meta.url, generatedFolder: join(FOLDER, "generated") };
const STAMP = "generated-from.txt";

async function wantedStamp(packageFile: string): Promise<string> {
  const { version } = JSON.parse(await readFile(packageFile, "utf8")) as { version: string };
  const schema = await readFile(join(FOLDER, "schema.prisma"));
  return `prisma ${version}, schema ${createHash("sha256").update(schema).digest("hex")}\n`;
}

const isCurrent = async (generated: string, wanted: string): Promise<boolean> =>
  (await readFile(join(generated, STAMP), "utf8").catch(() => "")) === wanted;

/** Takes 2 s if it must generate, and otherwise no time. Several processes may call it at the same time. */
export async function generateClient({ packagesUrl, generatedFolder }: PreparePlace = HERE): Promise<void> {
  const packageFile = createRequire(packagesUrl).resolve("prisma/package.json");
  const wanted = await wantedStamp(packageFile);
  if (await isCurrent(generatedFolder, wanted)) return;

  // Generates in another folder and renames it, so that no process imports half a client.
  const aside = await mkdtemp(join(dirname(resolve(generatedFolder)), ".generating-"));
  try {
    await copyFile(join(FOLDER, "schema.prisma"), join(aside, "schema.prisma"));
    await writeFile(join(aside, "prisma.config.ts"), 'export default { schema: "schema.prisma" };\n');
    await outputOf(process.execPath, [join(dirname(packageFile), "build/index.js"), "generate"], {
      cwd: aside,
      // `generate` needs no schema engine, but would download one. The path of any binary prevents the download.
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: "1",
        CHECKPOINT_DISABLE: "1",
      },
    });
    await writeFile(join(aside, "generated", STAMP), wanted);
    await rename(generatedFolder, join(aside, "stale")).catch(() => undefined);
    await rename(join(aside, "generated"), generatedFolder).catch(async (error: unknown) => {
      if (!(await isCurrent(generatedFolder, wanted))) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

if (import.meta.main) await generateClient();
