/** The steps of docs/ci.md in a git repository that has the package installed: its own batch, gated by the documented commands. */
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isFull } from "../support/full.ts";
import { targetUrl } from "../../lib/target.ts";
import type { Finished } from "../support/bench.ts";
import { openTestSchema } from "../support/database.ts";
import { execute, installPackage, openProject, REPOSITORY, type Project } from "./project.ts";

const page = await readFile(join(REPOSITORY, "docs/ci.md"), "utf8");
/** The arguments of the documented commands of a verb, without the comment after them. */
const documented = (verb: string): string[] =>
  [...page.matchAll(/^ *\$ npx bench (.*)$/gm)]
    .map(([, line = ""]) => line.split(/ +# | > /)[0] ?? "")
    .filter((line) => line.startsWith(`${verb} `));
const argsOf = (line: string): string[] => line.replaceAll("'", "").split(" ");
/** Seconds in place of minutes; a count of statements is certain at any size. */
const SMALL = ["--scale", "0.003", "--chunk", "50", "--rounds", "1"];

describe.runIf(isFull)("a repository that has the package installed", () => {
  let project: Project;
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  let home: string;
  const bench = (...args: string[]): Promise<Finished> =>
    execute(process.execPath, ["node_modules/orm-shootout/bin/bench.cjs", ...args], {
      cwd: project.folder,
      env: { ORM_SHOOTOUT_HOME: home, BENCH_DATABASE_URL: targetUrl(schema.target) },
    });
  const gate = (line: string, ...more: string[]): Promise<Finished> => bench(...argsOf(line), "--yes", ...more);

  beforeAll(async () => {
    [schema, project] = await Promise.all([openTestSchema("repository"), openProject()]);
    home = await realpath(await mkdtemp(join(tmpdir(), "bench-repository-")));
    const { packed, version } = await installPackage(project);
    await project.link("drizzle-orm");
    // the lock file names the package only, so that npm installs it fast; Node finds its dependencies above the exported tree
    const archive = `file:vendor/${packed.filename}`;
    await mkdir(join(project.folder, "vendor"));
    await cp(join(project.folder, packed.filename), join(project.folder, "vendor", packed.filename));
    await mkdir(join(home, "trees"));
    await symlink(join(REPOSITORY, "node_modules"), join(home, "trees/node_modules"));
    const manifest = { name: "shop", version: "1.0.0", type: "module", devDependencies: { "orm-shootout": archive } };
    const packages = { "": manifest, "node_modules/orm-shootout": { version, resolved: archive, dev: true } };
    const lock = { name: "shop", version: "1.0.0", lockfileVersion: 3, requires: true, packages };
    await writeFile(join(project.folder, "package.json"), JSON.stringify(manifest));
    await writeFile(join(project.folder, "package-lock.json"), JSON.stringify(lock));
    await writeFile(join(project.folder, ".gitignore"), "node_modules\nresults\n*.tgz\n!vendor/*.tgz\n");
    const [show = ""] = documented("show");
    const { stdout } = await bench(...argsOf(show));
    await writeFile(join(project.folder, "our-batch.ts"), stdout.replace('id: "chunked"', 'id: "our-batch"'));
    const identity = "-c user.name=t -c user.email=t@example.com";
    const script = `git init --quiet --initial-branch=main; git add .; git ${identity} commit --quiet -m begin`;
    expect(await execute("bash", ["-ec", script], { cwd: project.folder })).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await schema[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });

  it("meets the documented condition with exactly the documented number of statements", async () => {
    const [conditions = ""] = documented("gate");
    const [, statements = ""] = /statements<=(\d+)/.exec(conditions) ?? [];
    const passed = await gate(conditions);
    expect(passed.code, passed.stderr).toBe(0);
    expect(passed.stdout).toMatch(new RegExp(`statements<=${statements} +${statements} +yes`));
  });

  it("passes against main while nothing has changed", async () => {
    const [, againstMain = ""] = documented("gate");
    expect(againstMain).toContain("--base main");
    const passed = await gate(againstMain, ...SMALL);
    expect(passed.code, passed.stderr).toBe(0);
    expect(passed.stdout).toMatch(/our-batch\/drizzle/);
  });

  it("fails with exit code 3 when its batch sends more statements than on main", async () => {
    const file = join(project.folder, "our-batch.ts");
    const text = await readFile(file, "utf8");
    const bulk = 'tx.insertMany("couponIssues", couponIssuesOf(pending))';
    expect(text).toContain(bulk);
    const single = `(async () => { for (const issue of couponIssuesOf(pending)) await tx.insertOne("couponIssues", issue); })()`;
    await writeFile(file, text.replace(bulk, single));
    const failed = await gate(documented("gate")[1] ?? "", ...SMALL);
    await writeFile(file, text);
    expect(failed).toMatchObject({ code: 3, stderr: expect.stringMatching(/GATE_FAILED: .*statements/) });
  });
});
