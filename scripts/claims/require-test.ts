/** A claim or a finding about rows rests on a test of the suite. */
import { readFile } from "node:fs/promises";
import { ROOT } from "../readme/runs.ts";

export interface NamedTest {
  /** relative to the repository */
  readonly file: string;
  /** the title of the test, without those of its groups */
  readonly title: string;
}

/** @throws Error if the file has no such test: the sentence would rest on nothing */
export async function requireTest({ file, title }: NamedTest): Promise<void> {
  if (!(await readFile(new URL(file, ROOT), "utf8")).includes(`it("${title}"`))
    throw new Error(`cannot confirm a sentence: ${file} has no test "${title}". Correct the claim or the finding.`);
}
