/** Packages that this process has loaded. Node keeps a list of CommonJS files, and none of ES modules. */
import { createRequire } from "node:module";

const { cache } = createRequire(import.meta.url);

/** @returns true after a CommonJS file of the package has been loaded; both drivers of the project are such packages */
export const hasLoaded = (packageName: string): boolean =>
  Object.keys(cache).some((file) => file.replaceAll("\\", "/").includes(`/node_modules/${packageName}/`));
