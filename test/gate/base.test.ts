import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBaseTree } from "../../harness/gate/base.ts";
import { PROTOCOL_VERSION } from "../../harness/protocol.ts";
import { silentLog } from "../../lib/log.ts";
import { bench, type Finished } from "../support/bench.ts";
import { benchInProcess } from "../support/in-process.ts";
import { writeMinimalTree } from "../support/trees.ts";
import { isFull } from "../support/full.ts";

/** Bad input of the verbs that compare: exit 2, with the value seen. */
const BAD_INPUT: readonly (readonly [args: readonly string[], said: RegExp])[] = [
  [["gate", "chunked"], /nothing to check: no base and no condition/],
  [
    ["gate", "chunked", "--base", "no-such-ref"],
    /BASE_UNUSABLE: --base "no-such-ref" is (neither a folder nor a commit|not a folder)/,
  ],
  [["gate", "chunked", "--base", "orm=prisma"], /--base orm=prisma needs --candidate/],
  [["gate", "chunked", "--base", ".", "--candidate", "orm=prisma"], /--candidate needs a --base of the form axis=value/],
  [["gate", "chunked", "--candidate", "orm=prisma", "--require", "wall<1s"], /--candidate needs a --base/],
  [["gate", "chunked", "--base", "orm=mysql2", "--candidate", "orm=mysql2"], /base and candidate are equal/],
  [["gate", "chunked", "--base", "chunk=0", "--candidate", "chunk=5"], /cannot select cells by "chunk=0"/],
  [["gate", "chunked", "--base", "orm=prisma@7.9", "--candidate", "orm=prisma"], /"7.9" is not exact/],
  [["gate", "chunked", "--require", "wall<600"], /600 has no unit.*\n.*wall<600s/],
  [["gate", "chunked", "--base", ".", "--alpha", "60%"], /from 0\.1 to 10 percent/],
  [["run", "chunked", "--orm", "prisma@latest"], /"latest" is not exact/],
  [["run", "chunked", "--orm", "drizzle@file:./no-such-build"], /file:\.\/no-such-build: the path does not exist/],
  [["run", "chunked", "--orm", "drizzle@file:."], /contains no package|contains the package/],
  [["run", "chunked", "--orm", "prism@7.9.1"], /did you mean prisma/],
  [["reproduce", "somewhere"], /"somewhere" does not name a cell/],
];

const UNREACHABLE = { BENCH_DATABASE_URL: "mysql://nobody:hunter2@127.0.0.1:1/none" };

describe("bad input to a verb that compares", () => {
  it.each(BAD_INPUT)("exits 2 before anything connects: bench %j", async (args, said) => {
    const { code, stdout, stderr } = await benchInProcess(args, UNREACHABLE);
    expect(stderr).toMatch(said);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).not.toMatch(/\n\s+at |hunter2|ECONNREFUSED/);
  });
});

describe("a base", () => {
  let home: string;
  let repository: string;
  const git = (...args: string[]) => promisify(execFile)("git", ["-C", repository, ...args]);
  const gate = (base: string, cwd = repository): Promise<Finished> =>
    bench(["gate", "chunked", "--orm", "mysql2", "--base", base], { env: { ...UNREACHABLE, ORM_SHOOTOUT_HOME: home }, cwd });
  beforeAll(async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "bench-base-")));
    [home, repository] = [join(folder, "home"), join(folder, "repository")];
    await mkdir(repository);
    await writeMinimalTree(repository, PROTOCOL_VERSION + 1);
    await git("init", "--quiet", "--initial-branch=main");
    await git("add", ".");
    await git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "begin");
  });
  afterAll(() => rm(join(repository, ".."), { recursive: true }));

  it("is exported with its packages installed once for each commit when it is a git ref", async () => {
    const first = await gate("main");
    expect(first).toMatchObject({ code: 1, stderr: expect.stringMatching(/installing the packages of main \([0-9a-f]{10}\)/) });
    expect(first.stderr).toMatch(
      new RegExp(
        `PROTOCOL_MISMATCH: .* the protocol version of .* is ${PROTOCOL_VERSION + 1}, that of this bench is ${PROTOCOL_VERSION}`,
      ),
    );
    const trees = async () => (await readdir(join(home, "trees"))).filter((name) => !name.endsWith(".lock"));
    expect(await trees()).toEqual([expect.stringMatching(/^[0-9a-f]{40}$/)]);
    const again = await gate("HEAD");
    expect(again.stderr).toMatch(/PROTOCOL_MISMATCH/);
    expect(again.stderr).not.toMatch(/installing/);
    expect(await trees()).toHaveLength(1);
  });

  it("has a tree for each project of a repository, because npm installs the packages of one", async () => {
    for (const name of ["a", "b"]) await writeMinimalTree(join(repository, "packages", name), PROTOCOL_VERSION + 1);
    await git("checkout", "--quiet", "-b", "projects");
    await git("add", "packages");
    await git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "projects");
    for (const name of ["a", "b"]) {
      const { code, stderr } = await gate("projects", join(repository, "packages", name));
      expect([code, stderr]).toEqual([1, expect.stringMatching(/installing the packages of projects[^]*PROTOCOL_MISMATCH/)]);
    }
    await git("checkout", "--quiet", "main");
  });

  it.runIf(isFull)("leaves the target of a link unchanged when the commit contains a link instead of its packages", async () => {
    const packages = join(home, "packages of somebody");
    await mkdir(packages, { recursive: true });
    await writeFile(join(packages, "theirs"), "");
    await git("checkout", "--quiet", "-b", "linked");
    await symlink(packages, join(repository, "node_modules"));
    await git("add", "node_modules");
    await git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "link");
    await git("checkout", "--quiet", "main");
    expect(await gate("linked")).toMatchObject({ code: 1, stderr: expect.stringMatching(/PROTOCOL_MISMATCH/) });
    expect(await readdir(packages)).toEqual(["theirs"]);
  });

  it.runIf(isFull)("is used unchanged when it is a folder, and must contain its packages", async () => {
    expect(await gate(".")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/BASE_UNUSABLE: .* has no installed packages/),
    });
    await mkdir(join(repository, "node_modules"));
    expect(await gate(".")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/PROTOCOL_MISMATCH: .* version of repository is/),
    });
  });

  it("has a user's plug-in at the same path as this project, and shares files outside of the project with it", async () => {
    const folder = join(repository, "speaks");
    await writeMinimalTree(folder, PROTOCOL_VERSION);
    await mkdir(join(folder, "node_modules"));
    const tree = await openBaseTree({ kind: "folder", folder }, { log: silentLog, signal: new AbortController().signal });
    expect(tree.pathOf("./batches/mine.ts")).toBe(join(folder, "batches/mine.ts"));
    expect(tree.pathOf("/elsewhere/mine.ts")).toBe("/elsewhere/mine.ts");
    expect(tree).toMatchObject({ label: "speaks", treeUrl: expect.stringMatching(/\/speaks\/$/) });
  });

  it("is refused when it does not contain bench", async () => {
    const empty = join(repository, "elsewhere");
    await mkdir(empty);
    await writeFile(join(empty, "package.json"), '{"name":"other"}');
    expect(await benchInProcess(["gate", "chunked", "--orm", "mysql2", "--base", empty], UNREACHABLE)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/BASE_UNUSABLE: elsewhere contains no orm-shootout/),
    });
  });
});
