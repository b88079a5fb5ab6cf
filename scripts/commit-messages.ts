/**
 * Checks the messages of commits by the rules of CONTRIBUTING.md: `node scripts/commit-messages.ts origin/main..HEAD`. Exit code 1 after
 * a finding.
 */
import { outputOf } from "../lib/run-program.ts";

const MAX_SUBJECT_CHARS = 72;

export interface Commit {
  readonly hash: string;
  readonly author: string;
  readonly subject: string;
  readonly body: string;
}

const FIELDS = "%h%x00%an%x00%s%x00%b%x00";

/** @param range as git takes it; merges are left out, because git writes their messages */
async function commitsOf(range: string): Promise<Commit[]> {
  const args = ["log", "--no-merges", "--reverse", `--format=${FIELDS}`, "--end-of-options", range, "--"];
  const fields = (await outputOf("git", args)).split("\0");
  return Array.from({ length: Math.floor(fields.length / 4) }, (_, index) => {
    const [hash = "", author = "", subject = "", body = ""] = fields.slice(index * 4);
    return { hash: hash.trim(), author, subject, body: body.trim() };
  });
}

/** @returns one line per finding */
export function messageFindings({ hash, author, subject, body }: Commit): string[] {
  // The program that updates dependencies writes no reason.
  if (author.endsWith("[bot]")) return [];
  const chars = subject.length;
  return [
    ...(chars > MAX_SUBJECT_CHARS
      ? [`${hash} "${subject}": the subject has ${chars} characters. Shorten it to at most ${MAX_SUBJECT_CHARS}.`]
      : []),
    ...(body === "" ? [`${hash} "${subject}": the body is missing. Add the reason of the change.`] : []),
  ];
}

if (import.meta.main) {
  const [range = "", ...others] = process.argv.slice(2);
  try {
    if (range === "" || others.length > 0)
      throw new Error("it takes one range. Name it: node scripts/commit-messages.ts origin/main..HEAD");
    const findings = (await commitsOf(range)).flatMap(messageFindings);
    for (const finding of findings) process.stdout.write(`${finding}\n`);
    if (findings.length > 0) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`commit messages: ${(error as Error).message}\n`);
    process.exitCode = 2;
  }
}
