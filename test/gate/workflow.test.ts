/** The action in the workflow of docs/ci.md: the test runs its script as a runner does, in a checkout of a repository. */
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { targetUrl } from "../../lib/target.ts";
import { execute } from "../examples/project.ts";
import { readAction, stepsOf, yamlBlocks, type Action, type Step, type Workflow } from "../support/actions.ts";
import type { Finished } from "../support/bench.ts";
import { openTestSchema } from "../support/database.ts";
import { copyProject, PROJECT, type Tree } from "../support/trees.ts";
import { isFull } from "../support/full.ts";

/** A workload that takes only seconds. */
const SMALL = { orm: "drizzle", rounds: "1", scale: "0.003", options: "--chunk 50" };
/** Of the copied example: the documented limit belongs to a tenth of the data. */
const MET = "statements<=1000";

interface Gated extends Finished {
  readonly outputs: string;
  readonly summary: string;
}

describe("the action of the documented workflow", () => {
  let action: Action;
  let documented: Step;
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  let checkout: Tree;
  let home: string;
  beforeAll(async () => {
    [action, schema, checkout] = await Promise.all([readAction(), openTestSchema("workflow"), copyProject()]);
    const [workflow = ""] = yamlBlocks(await readFile(join(PROJECT, "docs/ci.md"), "utf8"));
    const step = stepsOf(parse(workflow) as Workflow).find(({ uses }) => uses === "./node_modules/orm-shootout");
    if (step === undefined) throw new Error("the workflow of docs/ci.md does not use the action");
    documented = step;
    home = await realpath(await mkdtemp(join(tmpdir(), "bench-workflow-")));
    await cp(join(PROJECT, "examples/own-plugins/upsert.ts"), join(checkout.folder, "our-batch.ts"));
    // npm installs a lock file without packages fast, and Node finds this project's packages above the exported tree
    const manifest = JSON.parse(await readFile(join(checkout.folder, "package.json"), "utf8")) as Record<string, unknown>;
    const { name, version } = manifest;
    const bare = { ...manifest, dependencies: {}, devDependencies: {}, peerDependencies: {}, workspaces: [] };
    await writeFile(join(checkout.folder, "package.json"), JSON.stringify(bare));
    const packages = { "": { name, version } };
    await writeFile(join(checkout.folder, "package-lock.json"), JSON.stringify({ name, version, lockfileVersion: 3, packages }));
    // the copy's packages are a link, and the project's pattern for folders does not exclude links
    await writeFile(join(checkout.folder, ".gitignore"), "node_modules\n*-results\norms/prisma/generated\n");
    await mkdir(join(home, "trees"));
    await symlink(join(PROJECT, "node_modules"), join(home, "trees/node_modules"));
    const identity = "-c user.name=t -c user.email=t@example.com";
    const begun = await execute(
      "bash",
      [
        "-ec",
        `git init --quiet --initial-branch=main; git add .; git ${identity} commit --quiet -m begin; git update-ref refs/remotes/origin/main HEAD`,
      ],
      { cwd: checkout.folder },
    );
    expect(begun).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await checkout[Symbol.asyncDispose]();
    await schema[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });

  /** Runs the action's script with these inputs, in the shell of a runner. */
  async function gate(name: string, inputs: Readonly<Record<string, string>>): Promise<Gated> {
    const [step] = action.runs.steps;
    const known = Object.entries(action.inputs).map(([input, { default: value }]) => [input, value] as const);
    const given = new Map([...known, ...Object.entries(inputs)]);
    const variables = Object.entries(step?.env ?? {}).map(([variable, expression]) => {
      const [, input = ""] = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(expression) ?? [];
      const value = given.get(input);
      if (value === undefined) throw new Error(`${variable} is no input: ${expression}`);
      return [variable, value.replace("${{ github.base_ref }}", "main")];
    });
    const [script, outputs, summary] = ["script", "outputs", "summary"].map((file) => join(home, `${name}-${file}`));
    if (script === undefined || outputs === undefined || summary === undefined) throw new Error("unreachable");
    // npx would search the copy for packages, and the copy has none
    const npx = `npx() { [ "$1 $2" = "--no-install bench" ] && shift 2 && "${process.execPath}" bin/bench.cjs "$@"; }`;
    await writeFile(script, `${npx}\n${step?.run ?? ""}`);
    await Promise.all([writeFile(outputs, ""), writeFile(summary, "")]);
    const finished = await execute("bash", ["--noprofile", "--norc", "-eo", "pipefail", script], {
      cwd: checkout.folder,
      env: {
        ...(Object.fromEntries(variables) as Record<string, string>),
        ORM_SHOOTOUT_HOME: home,
        BENCH_DATABASE_URL: targetUrl(schema.target),
        GITHUB_OUTPUT: outputs,
        GITHUB_STEP_SUMMARY: summary,
      },
    });
    return { ...finished, outputs: await readFile(outputs, "utf8"), summary: await readFile(summary, "utf8") };
  }

  it.runIf(isFull)("gates a pull request against its target branch, and shows the verdict on the run's page", async () => {
    const gated = await gate("documented", { ...documented.with, ...SMALL, require: MET });
    expect(gated).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/installing the packages of origin\/main \([0-9a-f]{10}\)/),
      outputs: "exit-code=0\noutcome=inconclusive\n",
      summary: expect.stringMatching(/^### Gate passed.*against origin\/main \([0-9a-f]{10}\)[^]*upsert\/drizzle/),
    });
    const benchmark = await readFile(join(checkout.folder, "bench-results/github-action-benchmark.json"), "utf8");
    expect((JSON.parse(benchmark) as unknown[]).length).toBeGreaterThan(0);
  });
  it("fails with exit code 3 when a condition is missed", async () => {
    const missed = { ...SMALL, strategies: "chunked", require: "statements<1", results: "missed-results" };
    expect(await gate("missed", missed)).toMatchObject({
      code: 3,
      outputs: "exit-code=3\noutcome=failed\n",
      summary: expect.stringMatching(/^### Gate failed[^]*statements<1/),
    });
  });
  it("passes inputs as words and never as code, fails with exit code 2 on bad input, and shows no verdict from an earlier gate", async () => {
    const results = "earlier-results";
    await mkdir(join(checkout.folder, results));
    await writeFile(join(checkout.folder, results, "gate.json"), '{"outcome":"passed"}');
    await writeFile(join(checkout.folder, results, "gate.md"), "### Gate passed\n");
    const touch = '$(touch hit) `touch hit`; touch hit"';
    const inputs = { strategies: `chunked\n*\n${touch}`, require: touch, base: touch, options: touch, results };
    expect(await gate("hostile", inputs)).toMatchObject({ code: 2, outputs: "exit-code=2\noutcome=\n", summary: "" });
    expect(existsSync(join(checkout.folder, "hit"))).toBe(false);
    const dry = await gate("words", { ...SMALL, strategies: "chunked\ncase-when", require: "rss<1GB", options: "--dry-run" });
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/chunked\/drizzle[^]*case-when\/drizzle|case-when\/drizzle[^]*chunked\/drizzle/),
    });
  });
});
