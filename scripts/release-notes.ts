/** Prints the notes of a release from its section of CHANGELOG.md: `node scripts/release-notes.ts v0.1.0`. */
import { readFile } from "node:fs/promises";

const ROOT = new URL("../", import.meta.url);

/** The text between a heading of the second level and the next one; empty when the heading is missing. */
function sectionOf(changelog: string, isHeading: (line: string) => boolean): string {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((text) => isHeading(text.slice(0, text.indexOf("\n")))) ?? "\n";
  return section.slice(section.indexOf("\n")).trim();
}

/**
 * @param tag a version, or the tag of one: `0.1.0`, `v0.1.0`
 * @param packageVersion the version in package.json
 * @throws Error when the tag, package.json and CHANGELOG.md disagree, because a published release can't be withdrawn
 */
export function releaseNotes(changelog: string, tag: string, packageVersion: string): string {
  const version = tag.replace(/^v/, "");
  if (version !== packageVersion)
    throw new Error(
      `the tag names version ${version}, package.json names ${packageVersion}. Set the version in package.json before tagging.`,
    );
  if (sectionOf(changelog, (line) => line === "Unreleased") !== "")
    throw new Error(`CHANGELOG.md has entries under "## Unreleased". Move them to "## ${version} - <date>" before tagging.`);
  const notes = sectionOf(changelog, (line) => line.startsWith(`${version} - `) && /\d{4}-\d{2}-\d{2}$/.test(line));
  if (notes === "")
    throw new Error(`CHANGELOG.md has no entries under "## ${version} - <date>". Write that section before tagging.`);
  return `${notes}\n`;
}

if (import.meta.main) {
  const [tag = "", ...others] = process.argv.slice(2);
  try {
    if (tag === "" || others.length > 0)
      throw new Error("it takes one version. Name the tag: node scripts/release-notes.ts v0.1.0");
    const read = (name: string): Promise<string> => readFile(new URL(name, ROOT), "utf8");
    const { version } = JSON.parse(await read("package.json")) as { version: string };
    process.stdout.write(releaseNotes(await read("CHANGELOG.md"), tag, version));
  } catch (error) {
    process.stderr.write(`release notes: ${(error as Error).message}\n`);
    process.exitCode = 2;
  }
}
