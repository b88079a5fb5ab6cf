import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { checkDependencies } from "../../scripts/dependencies/check.ts";
import { LAYERS } from "../../scripts/dependencies/layers.ts";
import { execute } from "../examples/project.ts";
import { PROJECT } from "../support/trees.ts";

const files = (await execute("git", ["ls-files", "*.ts", "*.mjs"], { cwd: PROJECT })).stdout.split("\n");

/** One real file of each layer: rules name paths, so the mutated tree has the paths of this one. */
const examples = new Map(
  LAYERS.map(({ name, path }) => {
    const file = files.find((candidate) => new RegExp(`^${path}`).test(candidate));
    if (file === undefined) throw new Error(`no file is in the layer ${name}`);
    return [name, file];
  }),
);

const importOf = (from: string, to: string): string => {
  const path = relative(dirname(from), to);
  return `import type {} from ${JSON.stringify(path.startsWith(".") ? path : `./${path}`)};\n`;
};

/** The broken rules of a tree that holds these files and nothing else. */
async function broken(tree: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "dependencies-"));
  try {
    await symlink(join(PROJECT, "node_modules"), join(folder, "node_modules"));
    for (const [file, content] of Object.entries(tree)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), `${content}export {};\n`);
    }
    const { modules, violations } = await checkDependencies(folder);
    expect(modules).toBeGreaterThanOrEqual(Object.keys(tree).filter((file) => file.endsWith(".ts")).length);
    return violations.map(({ rule, from, to }) => `${rule}: ${from} -> ${to}`).toSorted();
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A file of every layer, each of which imports the files of all others, and the imports that the layers forbid. */
function treeOfImports(): { tree: Record<string, string>; allowed: number; forbidden: string[] } {
  const tree: Record<string, string> = {};
  const forbidden: string[] = [];
  let allowed = 0;
  for (const { name, mayImport } of LAYERS) {
    const from = examples.get(name) ?? "";
    const others = [...examples].filter(([other]) => other !== name);
    tree[from] = others.map(([, to]) => importOf(from, to)).join("");
    const wrong = others.filter(([other]) => !mayImport.includes(other));
    allowed += others.length - wrong.length;
    forbidden.push(...wrong.map(([, to]) => `imports of ${name}: ${from} -> ${to}`));
  }
  return { tree, allowed, forbidden: forbidden.toSorted() };
}

describe("npm run deps", () => {
  /** one tree for the rules besides the pairs of layers: each check loads the rules and the parser */
  let found: readonly string[];
  const ofRule = (rule: string): string[] => found.filter((violation) => violation.startsWith(rule));
  beforeAll(async () => {
    found = await broken({
      "harness/results/a.ts": 'import type {} from "./b.ts";\n',
      "harness/results/b.ts": 'import type {} from "./a.ts";\n',
      "harness/run/runner.ts": "",
      "harness/text/format.ts": 'export * from "../run/runner.ts";\n',
      "harness/statistics/quantiles.ts": 'await import("../run/runner.ts");\n',
      "lib/a.ts": "",
      "harness/new/b.ts": 'import {} from "../../lib/a.ts";\n',
      "lib/c.ts": 'import type {} from "drizzle-orm";\n',
      "orms/drizzle/b.ts": 'import type {} from "drizzle-orm";\n',
    });
  });

  it("accepts each import that the layers allow, and finds each one of types that they forbid, in every pair of layers", async () => {
    const { tree, allowed, forbidden } = treeOfImports();
    expect(allowed).toBeGreaterThan(LAYERS.length);
    expect(forbidden.length).toBeGreaterThan(LAYERS.length);
    // two layers that import each other are a circle too
    const wrong = await broken(tree);
    expect(wrong.filter((violation) => !violation.startsWith("no circles"))).toEqual(forbidden);
  });

  it("finds a circle of type-only imports inside of one layer", () => {
    expect(found).toContain("no circles: harness/results/a.ts -> harness/results/b.ts");
  });

  it("finds re-exports and imports at run time as well", () => {
    expect(ofRule("imports of")).toEqual([
      "imports of statistics: harness/statistics/quantiles.ts -> harness/run/runner.ts",
      "imports of text: harness/text/format.ts -> harness/run/runner.ts",
    ]);
  });

  it("finds a folder that no layer holds", () => {
    expect(ofRule("each")).toEqual(["each file in a layer: harness/new/b.ts -> lib/a.ts"]);
  });

  it("finds a library that is imported outside of its folder", () => {
    expect(ofRule("libraries")).toEqual([
      expect.stringMatching(/^libraries inside of orms\/: lib\/c\.ts -> .*node_modules\/drizzle-orm\//),
    ]);
  });

  it("finds nothing else in this tree", () => {
    const others = found.filter((violation) => !/^(no circles|imports of|each|libraries)/.test(violation));
    expect(others).toEqual([]);
  });
});

describe("the layers", () => {
  it("name only layers above them in the list, so that layers form no circle", () => {
    for (const [index, { name, mayImport }] of LAYERS.entries()) {
      const earlier = new Set(LAYERS.slice(0, index).map((layer) => layer.name));
      expect(
        mayImport.filter((other) => !earlier.has(other)),
        name,
      ).toEqual([]);
    }
  });

  it("hold each file of the package once", () => {
    const parts = /^(api|bin|consistency|fixtures|harness|lib|orms|strategies|workload)\/|^plugin\.ts$/;
    const owners = files
      .filter((file) => parts.test(file))
      .map((file) => `${file}: ${LAYERS.filter(({ path }) => new RegExp(`^${path}`).test(file)).length}`);
    expect(owners.filter((owner) => !owner.endsWith(": 1"))).toEqual([]);
  });
});
