/**
 * Starts the longest files first. Vitest uses the times of its last run, which a fresh clone does not have: a file of two
 * minutes that starts last leaves one core idle.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files with more than 30 s of processor time, the longest first. */
const LONGEST = [
  "run/workers",
  "failures/server-dies",
  "api/scenario",
  "failures/interruptions",
  "cli/run",
  "gate/gate",
  "scripts/perf",
  "database/mariadb",
  "cli/terminal",
  "strategies/memory",
  "strategies/contract",
  "strategies/killed-process",
  "failures/plug-ins",
  "doctor/doctor",
  "run/costs",
  "database/restricted",
  "fixtures/load",
  "api/batch",
  "api/server",
  "rtt/axis",
  "failures/records",
  "examples/own-plugins",
  "consistency/faults",
].map((name) => fileURLToPath(new URL(`../${name}.test.ts`, import.meta.url)));

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONGEST.find((path) => !existsSync(path));
    if (gone !== undefined) throw new Error(`${gone} is no test file: correct the list in test/support/slowest-first.ts`);
    const place = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.indexOf(moduleId);
      return index < 0 ? LONGEST.length : index;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
