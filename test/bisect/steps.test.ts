import { execFile } from "node:child_process";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commitSteps, versionsBetween } from "../../harness/bisect/steps.ts";
import { compareVersions } from "../../lib/version-order.ts";

describe("the commits of a search", () => {
  let repository: string;
  const git = async (...args: string[]): Promise<string> => {
    const who = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    return (await promisify(execFile)("git", ["-C", repository, ...who, ...args])).stdout.trim();
  };
  const commit = async (subject: string): Promise<void> => {
    await writeFile(join(repository, "file"), subject);
    await git("add", ".");
    await git("commit", "--quiet", "-m", subject);
  };
  beforeAll(async () => {
    repository = await realpath(await mkdtemp(join(tmpdir(), "bench-bisect-")));
    await git("init", "--quiet", "--initial-branch=main");
    await commit("first");
    await git("tag", "v1");
    await git("checkout", "--quiet", "-b", "side");
    await commit("on the side");
    await git("checkout", "--quiet", "main");
    await git("merge", "--quiet", "--no-ff", "side", "-m", "merge side");
    await commit("last: with a colon");
  });
  afterAll(() => rm(repository, { recursive: true }));

  it("are those of the first parents, the good end first, with date and subject", async () => {
    const steps = await commitSteps(repository, "v1", "main");
    expect(steps.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\d first$/),
      expect.stringMatching(/ merge side$/),
      expect.stringMatching(/ last: with a colon$/),
    ]);
    expect(steps.at(-1)?.id).toBe(await git("rev-parse", "main"));
  });

  it.each([
    ["main", "v1", /--good main is not on the main line of --bad v1/],
    ["side", "main", /--good side is not on the main line/],
    ["v1", "v1", /the same commit/],
    ["v1", "nothing", /--bad "nothing" is not a commit/],
    ["--all", "main", /--good "--all" is not a commit/],
  ])("do not exist from %s to %s", async (good, bad, said) => {
    await expect(commitSteps(repository, good, bad)).rejects.toThrow(said);
  });

  it("need a repository", async () => {
    await expect(commitSteps(tmpdir(), "v1", "main")).rejects.toThrow(/not in a git repository/);
  });
});

describe("the versions of a search", () => {
  const published = ["0.45.4", "0.9.0", "0.44.0", "0.45.0-beta.1", "0.44.10", "0.44.2", "1.0.0-rc.1", "1.0.0"];

  it("lie between both ends in their order, without previews", () => {
    expect(versionsBetween(published, "0.44.0", "1.0.0")).toEqual(["0.44.0", "0.44.2", "0.44.10", "0.45.4", "1.0.0"]);
  });

  it("run backwards when the good end is newer", () => {
    expect(versionsBetween(published, "0.44.10", "0.9.0")).toEqual(["0.44.10", "0.44.2", "0.44.0", "0.9.0"]);
  });

  it("contain a preview that is an end", () => {
    expect(versionsBetween(published, "0.45.4", "1.0.0-rc.1")).toEqual(["0.45.4", "1.0.0-rc.1"]);
  });

  it("have a total order", () => {
    const version = fc
      .tuple(fc.nat(20), fc.nat(20), fc.nat(20), fc.option(fc.nat(9)))
      .map(([a, b, c, preview]) => `${a}.${b}.${c}${preview === null ? "" : `-beta.${preview}`}`);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)));
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
        expect(compareVersions(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
