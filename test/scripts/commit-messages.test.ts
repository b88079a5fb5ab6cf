import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outputOf } from "../../lib/run-program.ts";
import { messageFindings, type Commit } from "../../scripts/commit-messages.ts";
import { execute, REPOSITORY } from "../examples/project.ts";

const commit = (changes: Partial<Commit>): Commit => ({
  hash: "abc1234",
  author: "One",
  subject: "Close idle connections",
  body: "The reason.",
  ...changes,
});

describe("the message of a commit", () => {
  it.each([
    ["a subject of 72 characters and a body", { subject: "a".repeat(72) }],
    ["a subject of 72 characters that take more than one byte each", { subject: "가".repeat(72) }],
    ["no body, by the program that updates dependencies", { author: "renovate[bot]", body: "" }],
  ])("is accepted with %s", (_what, changes) => {
    expect(messageFindings(commit(changes))).toEqual([]);
  });
  it("is refused with a long subject and without a body, each with the fix", () => {
    expect(messageFindings(commit({ subject: "a".repeat(73), body: "" }))).toEqual([
      expect.stringMatching(/^abc1234 .*the subject has 73 characters\. Shorten it to at most 72\.$/),
      expect.stringMatching(/^abc1234 .*the body is missing\. Add the reason/),
    ]);
  });
});

const AS_ONE = ["-c", "user.name=One", "-c", "user.email=one@example.org"];

describe("scripts/commit-messages.ts", () => {
  let folder: string;
  const git = (...args: string[]) => outputOf("git", args, { cwd: folder });
  const write = (...paragraphs: string[]) =>
    git(...AS_ONE, "commit", "--quiet", "--allow-empty", ...paragraphs.flatMap((text) => ["-m", text]));
  const run = (...args: string[]) =>
    execute(process.execPath, [join(REPOSITORY, "scripts/commit-messages.ts"), ...args], { cwd: folder });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-commits-"));
    await git("init", "--quiet");
    await write("Begin");
    await write("Add one", "The reason.");
    await write("Add two", "The reason\nhas lines.", "And paragraphs.");
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("checks the commits of the range only", async () => {
    expect(await run("HEAD~2..HEAD")).toEqual({ code: 0, stdout: "", stderr: "" });
    const { code, stdout } = await run("HEAD");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^[0-9a-f]+ "Begin": the body is missing\.[^\n]*\n$/);
  });
  it.each([[[]], [["HEAD", "HEAD~1"]], [["no-such-branch..HEAD"]]])("exits 2 without a stack trace: %j", async (args) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^commit messages: /);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
