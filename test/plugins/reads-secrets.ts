/** Looks for passwords in its own environment, and in that of its parent and every process above. */
import { appendFileSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

const SECRET = /^BENCH_(DATABASE_URL|DATABASE_PASSWORD|DATABASE_PASSWORD_FILE|API_TOKEN)=./;

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

const parentOf = (pid: number): number => Number(/^PPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);

const found = Object.entries(process.env)
  .map(([name, value]) => `${name}=${value}`)
  .filter((variable) => SECRET.test(variable));
const inside = found.map((variable) => `own ${variable}`);
let ancestors = 0;
for (let pid = process.ppid; pid > 1; pid = parentOf(pid)) {
  const variables = read(`/proc/${pid}/environ`).split("\0");
  if (variables.length > 1) ancestors += 1;
  inside.push(...variables.filter((variable) => SECRET.test(variable)).map((variable) => `${pid} ${variable}`));
}

const findings = process.env["BENCH_TEST_FINDINGS"];
if (findings !== undefined)
  appendFileSync(findings, `${JSON.stringify({ process: basename(process.argv[1] ?? ""), found: inside, ancestors })}\n`);

export const strategy: Strategy = { ...honest, id: "reads-secrets" };
