import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { releaseNotes } from "../../scripts/release-notes.ts";
import { execute, REPOSITORY } from "../examples/project.ts";

const CHANGELOG = `# Changelog

All notable changes.

## Unreleased

## 0.2.0 - 2026-12-01

### Added
- \`bench two\`.

### Fixed
- Something.

## 0.1.0 - 2026-11-29

### Added
- \`bench one\`.
`;

describe("the notes of a release", () => {
  it.each(["0.2.0", "v0.2.0"])("are the section of the version without its heading: %s", (tag) => {
    expect(releaseNotes(CHANGELOG, tag, "0.2.0")).toBe("### Added\n- `bench two`.\n\n### Fixed\n- Something.\n");
  });
  it("end at the end of the file when the version is the oldest one", () => {
    expect(releaseNotes(CHANGELOG, "v0.1.0", "0.1.0")).toBe("### Added\n- `bench one`.\n");
  });
  it("are rejected when the tag and package.json name different versions", () => {
    expect(() => releaseNotes(CHANGELOG, "v0.2.0", "0.1.0")).toThrow(/names version 0\.2\.0, package\.json names 0\.1\.0/);
  });
  it("are rejected when Unreleased still contains entries", () => {
    const forgotten = CHANGELOG.replace("## Unreleased\n", "## Unreleased\n\n- Forgotten.\n");
    expect(() => releaseNotes(forgotten, "v0.2.0", "0.2.0")).toThrow(/Move them to "## 0\.2\.0 - <date>"/);
  });
  it.each([
    ["has no section", CHANGELOG, "0.3.0"],
    ["has a section without a date", CHANGELOG.replace(" - 2026-12-01", ""), "0.2.0"],
    ["has an empty section", "## 0.2.0 - 2026-12-01\n\n## 0.1.0 - 2026-11-29\n\n- One.\n", "0.2.0"],
    ["has only a section with a similar version", CHANGELOG.replace("0.2.0", "0x2.0"), "0.2.0"],
  ])("are rejected when the version %s", (_case, changelog, version) => {
    expect(() => releaseNotes(changelog, version, version)).toThrow(`no entries under "## ${version} - <date>"`);
  });
});

describe("the checkout", async () => {
  const isPublished = !(await readFile(join(REPOSITORY, "README.md"), "utf8")).includes("No version is published yet.");
  // entries under Unreleased once made release.yml fail for the only version that README announces
  it.skipIf(isPublished)(
    "can be released as the version in package.json, until README says that a version is published",
    async () => {
      const { version } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as { version: string };
      const script = join(REPOSITORY, "scripts/release-notes.ts");
      const { code, stdout, stderr } = await execute(process.execPath, [script, `v${version}`], { cwd: REPOSITORY });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^The first release\./);
      expect(stdout.match(/^### .*$/gm)).toEqual(["### Added", "### Changed", "### Fixed"]);
    },
  );
});

describe("CHANGELOG.md", () => {
  it("contains the notes of the version in package.json", async () => {
    const { version } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as { version: string };
    const changelog = await readFile(join(REPOSITORY, "CHANGELOG.md"), "utf8");
    const released = changelog.replace(/^## Unreleased\n[^]*?(?=^## )/m, "");
    expect(releaseNotes(released, version, version)).toMatch(/^### \w+\n[^]*\n- /m);
  });
});

describe("scripts/release-notes.ts", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-release-"));
    await mkdir(join(folder, "scripts"));
    await copyFile(join(REPOSITORY, "scripts/release-notes.ts"), join(folder, "scripts/release-notes.ts"));
    await writeFile(join(folder, "package.json"), JSON.stringify({ version: "0.1.0", type: "module" }));
    await writeFile(join(folder, "CHANGELOG.md"), CHANGELOG);
  });
  afterAll(() => rm(folder, { recursive: true }));
  const run = (...args: string[]) =>
    execute(process.execPath, [join(folder, "scripts/release-notes.ts"), ...args], { cwd: folder });

  it("prints the notes and nothing else", async () => {
    expect(await run("v0.1.0")).toEqual({ code: 0, stdout: "### Added\n- `bench one`.\n", stderr: "" });
  });
  it.each([[[]], [["v0.1.0", "v0.2.0"]], [["v99.0.0"]]])("exits 2 with one line and no stack trace: %j", async (args) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^release notes: [^\n]+\n$/);
  });
});
