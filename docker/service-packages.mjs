// Reduces package.json to the packages that the image needs: those of the CLI and those of the service, in their locked
// versions. The ORMs, the tools and the pinned Node would take over 1 GB.
import { readFile, writeFile } from "node:fs/promises";
import { SERVICE_PACKAGES } from "../api/packages.ts";

const { dependencies, devDependencies, ...manifest } = JSON.parse(await readFile("package.json", "utf8"));
const service = Object.fromEntries(SERVICE_PACKAGES.map((name) => [name, devDependencies[name]]));
for (const name of ["workspaces", "peerDependencies", "peerDependenciesMeta"]) delete manifest[name];
await writeFile("package.json", `${JSON.stringify({ ...manifest, dependencies: { ...dependencies, ...service } }, null, 2)}\n`);
