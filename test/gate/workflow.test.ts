/** The workflow of docs/ci.md: its shell steps run as they are written, in a repository as a runner checks it out. */
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { targetUrl } from "../../lib/target.ts";
import { execute } from "../examples/project.ts";
import { openTestSchema } from "../support/database.ts";
import { copyProject, PROJECT, type Tree } from "../support/trees.ts";

/** So small that it is over in seconds; the last value of an option counts. */
const SMALL = "--scale 0.003 --chunk 50 --orm drizzle --rounds 1 --yes";

describe("the documented workflow", () => {
  let text: string;
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  let checkout: Tree;
  let home: string;
  beforeAll(async () => {
    [text, schema, checkout] = await Promise.all([
      readFile(join(PROJECT, "docs/ci.md"), "utf8"),
      openTestSchema("workflow"),
      copyProject(),
    ]);
    home = await realpath(await mkdtemp(join(tmpdir(), "bench-workflow-")));
    // a lock file without packages is installed in a moment, and Node finds this project's above the exported tree
    const manifest = JSON.parse(await readFile(join(checkout.folder, "package.json"), "utf8")) as Record<string, unknown>;
    const { name, version } = manifest;
    const bare = { ...manifest, dependencies: {}, devDependencies: {}, optionalDependencies: {} };
    await writeFile(join(checkout.folder, "package.json"), JSON.stringify(bare));
    const packages = { "": { name, version } };
    await writeFile(join(checkout.folder, "package-lock.json"), JSON.stringify({ name, version, lockfileVersion: 3, packages }));
    // the copy's packages are a link, which the project's own pattern for folders does not leave out
    await writeFile(join(checkout.folder, ".gitignore"), "node_modules\nbench-results\norms/prisma/generated\n");
    await mkdir(join(home, "trees"));
    await symlink(join(PROJECT, "node_modules"), join(home, "trees/node_modules"));
  });
  afterAll(async () => {
    await checkout[Symbol.asyncDispose]();
    await schema[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });

  /** The shell lines of a step, folded as YAML folds them. */
  function step(name: string): string {
    const [, block] = new RegExp(`- name: ${name}\\n(?: {8}if: .*\\n)? {8}run: (.*\\n(?: {10}.*\\n)*)`).exec(text) ?? [];
    if (block === undefined) throw new Error(`docs/ci.md has no step ${name}`);
    return block.replace(/^>\n/, "").replaceAll(/\s+/g, " ").trim();
  }
  const shell = (script: string) =>
    execute("bash", ["-e", "-c", `npx() { shift; ${process.execPath} bin/bench.cjs "$@"; }\n${script}`], {
      cwd: checkout.folder,
      env: {
        ORM_SHOOTOUT_HOME: home,
        BENCH_DATABASE_URL: targetUrl(schema.target),
        GITHUB_BASE_REF: "main",
        GITHUB_STEP_SUMMARY: join(home, "summary.md"),
      },
    });

  it("gates a pull request against the branch that it goes to, and shows the verdict on the run's page", async () => {
    const identity = "-c user.name=t -c user.email=t@example.com";
    const begun = await shell(
      `git init --quiet --initial-branch=main && git add . && git ${identity} commit --quiet -m begin && git update-ref refs/remotes/origin/main HEAD`,
    );
    expect(begun).toMatchObject({ code: 0 });

    const gate = step("Gate");
    expect(gate).toMatch(/^npx bench gate chunked .*--base "origin\/\$GITHUB_BASE_REF" .*--out bench-results$/);
    const gated = await shell(`${gate} ${SMALL}`);
    expect(gated).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/installing the packages of origin\/main \([0-9a-f]{10}\)/),
    });

    expect(await shell(step("Show it on the run's page"))).toMatchObject({ code: 0 });
    const shown = await readFile(join(home, "summary.md"), "utf8");
    expect(shown).toMatch(/^### Gate passed.*against origin\/main \([0-9a-f]{10}\)/);
    expect(shown).toMatch(/chunked\/drizzle/);
    const files = JSON.parse(
      await readFile(join(checkout.folder, "bench-results/github-action-benchmark.json"), "utf8"),
    ) as unknown[];
    expect(files.length).toBeGreaterThan(0);
  });
});
