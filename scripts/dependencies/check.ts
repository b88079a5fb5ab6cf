/**
 * Checks all imports, including types, against `layers.ts`: `npm run deps`. dependency-cruiser parses with the JavaScript API of
 * TypeScript. TypeScript 7 does not export this API, so this file loads TypeScript 6 for dependency-cruiser only.
 */
import { registerHooks } from "node:module";
import type { IForbiddenRuleType } from "dependency-cruiser";
import { listPlugIns } from "../../harness/registry.ts";
import { LAYERS } from "./layers.ts";

/** Code outside the package. It may import the whole package, and the package may import none of it. */
const BESIDE = ["test/", "scripts/", String.raw`vitest\.config\.ts`, "node_modules/"];
/** The driver of the harness itself. */
const HARNESS_DRIVER = "mysql2";
/** The packages of all measured libraries, by their descriptions: a new library needs no change here. */
const MEASURED = (await listPlugIns("orm"))
  .flatMap(({ value: { packageName, packages = [], driver } }) => [packageName, ...packages, driver])
  .filter((name) => name !== HARNESS_DRIVER);
/** Parts that each layer may use. */
const EVERYWHERE = ["node_modules/", String.raw`package\.json$`];

const pathOf = (name: string): string => {
  const found = LAYERS.find((layer) => layer.name === name);
  if (found === undefined) throw new Error(`no layer is named ${name}`);
  return `^${found.path}`;
};

export const RULES: readonly IForbiddenRuleType[] = [
  { name: "no circles", severity: "error", from: {}, to: { circular: true } },
  {
    name: "each file in a layer",
    severity: "error",
    from: { pathNot: [...BESIDE, ...LAYERS.map(({ path }) => path)].map((path) => `^${path}`) },
    to: {},
  },
  ...LAYERS.map(({ name, path, mayImport }): IForbiddenRuleType => ({
    name: `imports of ${name}`,
    severity: "error",
    from: { path: `^${path}` },
    to: { dependencyTypesNot: ["core"], pathNot: [...EVERYWHERE, `^${path}`, ...mayImport.map(pathOf)] },
  })),
  {
    name: "libraries inside of orms/",
    comment: "The harness and the service measure libraries; only a library's own folder imports it.",
    severity: "error",
    from: { pathNot: [...BESIDE, "orms/"].map((path) => `^${path}`) },
    to: { path: `node_modules/(${[...new Set(MEASURED)].join("|")})/` },
  },
];

export interface Findings {
  /** parsed files */
  readonly modules: number;
  /** the broken rules, with the files */
  readonly violations: readonly { readonly rule: string; readonly from: string; readonly to: string }[];
  /** for people */
  readonly text: string;
}

/** @param folder a tree of this project */
export async function checkDependencies(folder: string): Promise<Findings> {
  const hook = registerHooks({
    resolve: (specifier, context, next) => next(specifier.replace(/^typescript(?=$|\/)/, "@typescript/typescript6"), context),
  });
  try {
    const { cruise, format } = await import("dependency-cruiser");
    const { output } = await cruise(
      ["."],
      {
        baseDir: folder,
        validate: true,
        ruleSet: { forbidden: [...RULES] },
        tsPreCompilationDeps: true,
        doNotFollow: { path: "node_modules" },
        exclude: { path: ["^examples/", "^results/", "^orms/prisma/generated/", String.raw`(^|/)\.\w`] },
      },
      { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
    );
    if (typeof output === "string") throw new Error(output);
    const { summary, modules } = output;
    const { output: report } = await format(output, { outputType: "err" });
    return {
      modules: modules.filter(({ source }) => source.endsWith(".ts")).length,
      violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
      text: typeof report === "string" ? report : JSON.stringify(report),
    };
  } finally {
    hook.deregister();
  }
}

if (import.meta.main) {
  const { modules, violations, text } = await checkDependencies(process.cwd());
  process.stdout.write(text);
  // Without a parser, dependency-cruiser skips all files and reports no fault.
  if (modules === 0)
    process.stderr.write("dependency-cruiser parsed no TypeScript: it found no parser. Run `npm ci` in this folder.\n");
  if (modules === 0 || violations.length > 0) process.exitCode = 1;
}
