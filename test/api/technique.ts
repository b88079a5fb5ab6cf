/** The technique that tests offer as a batch of the style `strategy`: `chunked` through mysql2, by one worker. */
import type { TechniqueChoice } from "../../api/options.ts";
import { findPlugIn } from "../../harness/registry.ts";

const [code, orm, key] = await Promise.all([
  findPlugIn("strategy", "chunked"),
  findPlugIn("orm", "mysql2"),
  findPlugIn("key", "identity"),
]);

export const TECHNIQUE: TechniqueChoice = {
  codeUrl: code.url,
  ormUrl: orm.url,
  keyUrl: key.url,
  workers: 1,
  split: null,
  parallel: null,
};
