/**
 * Checks the text of the project: `npm run lint:words`. Markdown has no banned phrase and no sentence over 25 words. Code has no
 * banned phrase, in comments, strings and names, except in the pending folders below. Exit code 1 after a finding.
 * `-- --all` counts the findings of every folder.
 */
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { BANNED_PHRASES } from "./banned-phrases.ts";
import { proseOf, sentencesOf } from "./prose.ts";

export const MAX_SENTENCE_WORDS = 25;

/** Their subject is the banned phrases, so they contain them. */
const EXEMPT_FILES = new Set(["scripts/text/banned-phrases.ts", "test/docs/text.test.ts"]);

/** Folders, without their subfolders, whose code still has banned phrases. Remove a folder once `-- --all` counts 0 for it. */
const PENDING_FOLDERS = new Set<string>([
  ".",
  "harness",
  "harness/commands",
  "harness/display",
  "harness/gate",
  "harness/packages",
  "harness/probes",
  "harness/probes/server",
  "harness/reporters",
  "harness/results",
  "harness/rtt",
  "harness/run",
  "harness/scenario",
  "harness/server-state",
  "harness/statistics",
  "harness/trace",
  "scripts",
  "scripts/perf",
  "scripts/perf/processes",
  "test/api",
  "test/cli",
  "test/database",
  "test/display",
  "test/doctor",
  "test/failures",
  "test/gate",
  "test/harness",
  "test/micro",
  "test/packages",
  "test/plugins",
  "test/reporters",
  "test/rtt",
  "test/run",
  "test/scripts",
  "test/strategies",
  "test/support",
]);

const ROOT = new URL("../../", import.meta.url);

/** @returns one line per finding, `line: text` */
function bannedPhrasesIn(text: string): string[] {
  return text.split("\n").flatMap((line, index) =>
    BANNED_PHRASES.flatMap(({ pattern, instead }) => {
      const [found] = new RegExp(pattern, "i").exec(line) ?? [];
      return found === undefined ? [] : [`${index + 1}: "${found}": ${instead}`];
    }),
  );
}

export const lintCode = (text: string): string[] => bannedPhrasesIn(text);

export function lintMarkdown(text: string): string[] {
  const long = sentencesOf(text).filter(({ words }) => words > MAX_SENTENCE_WORDS);
  return [
    ...bannedPhrasesIn(proseOf(text)),
    ...long.map((sentence) => `${sentence.line}: ${sentence.words} words, at most ${MAX_SENTENCE_WORDS}: ${sentence.text}`),
  ];
}

/** The files that git lists, without rendered results. */
export function textFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" });
  return listed.split("\n").filter((path) => /\.(md|ts|cjs|mjs)$/.test(path) && !/^results\/.*\//.test(path));
}

export async function lintFile(path: string): Promise<string[]> {
  const text = await readFile(new URL(path, ROOT), "utf8");
  const findings = path.endsWith(".md") ? lintMarkdown(text) : lintCode(text);
  return findings.map((finding) => `${path}:${finding}`);
}

const isChecked = (path: string): boolean =>
  path.endsWith(".md") || !(EXEMPT_FILES.has(path) || PENDING_FOLDERS.has(dirname(path)));

async function countAll(): Promise<void> {
  const counts = new Map<string, number>();
  for (const path of textFiles()) {
    if (EXEMPT_FILES.has(path)) continue;
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + (await lintFile(path)).length);
  }
  for (const [folder, count] of [...counts].toSorted(([a], [b]) => a.localeCompare(b)))
    process.stdout.write(`${String(count).padStart(5)}  ${folder}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--all")) await countAll();
  else {
    const findings = (await Promise.all(textFiles().filter(isChecked).map(lintFile))).flat();
    for (const finding of findings) process.stdout.write(`${finding}\n`);
    if (findings.length > 0) process.exitCode = 1;
  }
}
