/** Runs for the tests of reports. */
import type { RunResults, SampleRecord } from "../../harness/results/records.ts";
import { costsSchema } from "../../harness/results/costs-schema.ts";
import { recordedCell, recordedRun, recordedSample, timedOut, wrong } from "../support/records.ts";

type Parts = Parameters<typeof recordedCell>[0];

/** @param wallMs of the cell with this index in this round */
export function runOf(
  parts: readonly Parts[],
  rounds: number,
  wallMs: (index: number, round: number) => number,
  run: Parameters<typeof recordedRun>[2] = {},
): RunResults {
  const cells = parts.map((each, index) => ({ ...recordedCell(each), id: `cell-${index}` }));
  const samples = cells.flatMap((cell, index) =>
    Array.from({ length: rounds }, (_, round) => recordedSample(cell, round + 1, { wallMs: wallMs(index, round + 1) })),
  );
  return recordedRun(cells, samples, run);
}

/** Text that becomes markup wherever it is not escaped. */
export const HOSTILE = `</script><img src=x onerror="document.title='owned'"> | \`code\` *bold*`;

/** Every text that a stranger can put into records is hostile. */
export function hostileRun(): RunResults {
  const names = { strategy: HOSTILE, orm: HOSTILE, key: HOSTILE, code: HOSTILE, driver: HOSTILE };
  const cells = [
    recordedCell({ ...names, settings: { [HOSTILE]: HOSTILE } }),
    recordedCell({ ...names, orm: `two ${HOSTILE}`, strategy: "other" }),
  ];
  const costs = costsSchema.parse({
    statementKinds: { [HOSTILE]: 3 },
    topStatements: [{ text: HOSTILE, count: 3, serverMs: 1 }],
    serverMs: 10,
  });
  const parts: Partial<SampleRecord> = { costs, warnings: [HOSTILE] };
  const samples = [1, 2].flatMap((round) => [
    recordedSample(cells[0] ?? recordedCell(names), round, parts),
    recordedSample(cells[1] ?? recordedCell(names), round, { ...parts, ...wrong(HOSTILE) }),
  ]);
  const base = recordedRun(cells, samples, { title: HOSTILE, suite: HOSTILE, notes: [HOSTILE] });
  const { environment } = base.run;
  const machine = { ...environment.machine, name: HOSTILE, cpu: HOSTILE };
  return { ...base, run: { ...base.run, environment: { ...environment, machine } } };
}

export const stopped = (results: RunResults, id: string): RunResults => ({
  ...results,
  samples: results.samples.map((sample) =>
    sample.cell.id === id ? { ...sample, ...timedOut({ costs: sample.costs }) } : sample,
  ),
});
