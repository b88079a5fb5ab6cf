/**
 * Checks the text of the project: `npm run lint:words`. Markdown has no banned phrase and no sentence over 25 words; TypeScript in
 * the folders below has no banned phrase in code, comments and strings. Exit code 1 where something was found.
 * `-- --all` counts the phrases in every TypeScript file, to extend the list of folders.
 */
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { BANNED_PHRASES } from "./banned-phrases.ts";
import { proseOf, sentencesOf } from "./prose.ts";

export const MAX_SENTENCE_WORDS = 25;

/** Paths whose TypeScript is clean. A new folder belongs here. */
export const CLEAN_PATHS: readonly string[] = [
  "scripts/text/lint.ts",
  "scripts/text/prose.ts",
  "scripts/readme.ts",
  "test/docs/",
];

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

export function lintTypeScript(text: string): string[] {
  return bannedPhrasesIn(text);
}

export function lintMarkdown(text: string): string[] {
  const long = sentencesOf(text).filter(({ words }) => words > MAX_SENTENCE_WORDS);
  return [
    ...bannedPhrasesIn(proseOf(text)),
    ...long.map((sentence) => `${sentence.line}: ${sentence.words} words, at most ${MAX_SENTENCE_WORDS}: ${sentence.text}`),
  ];
}

/** Written files: what git lists, without results that were rendered. */
export function textFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" });
  return listed.split("\n").filter((path) => /\.(md|ts|cjs|mjs)$/.test(path) && !/^results\/.*\//.test(path));
}

export async function lintFile(path: string): Promise<string[]> {
  const text = await readFile(new URL(path, ROOT), "utf8");
  const findings = path.endsWith(".md") ? lintMarkdown(text) : lintTypeScript(text);
  return findings.map((finding) => `${path}:${finding}`);
}

const isChecked = (path: string): boolean => path.endsWith(".md") || CLEAN_PATHS.some((clean) => path.startsWith(clean));

async function countAll(): Promise<void> {
  const counts = new Map<string, number>();
  for (const path of textFiles()) {
    const [folder = "."] = /^.*(?=\/)/.exec(path) ?? [];
    counts.set(folder, (counts.get(folder) ?? 0) + (await lintFile(path)).length);
  }
  for (const [folder, count] of [...counts].toSorted()) process.stdout.write(`${String(count).padStart(5)}  ${folder}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--all")) await countAll();
  else {
    const findings = (await Promise.all(textFiles().filter(isChecked).map(lintFile))).flat();
    for (const finding of findings) process.stdout.write(`${finding}\n`);
    if (findings.length > 0) process.exitCode = 1;
  }
}
