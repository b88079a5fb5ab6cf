/** Audits a stored run: its samples by the rules of this version, and remarks on cells and versions. */
import { GENERATOR_VERSION } from "../../fixtures/index.ts";
import { RECORDS_VERSION, type RunRecord, type RunResults, type SampleRecord } from "../results/records.ts";
import { auditSample, type AuditedSample } from "./rules.ts";

export interface AuditedCell {
  readonly cell: string;
  readonly samples: readonly AuditedSample[];
  /** samples without a result: failed or skipped */
  readonly without: number;
  /** what makes the cell doubtful, without a rule that a sample breaks */
  readonly remarks: readonly string[];
}

export interface Audit {
  readonly cells: readonly AuditedCell[];
  readonly notes: readonly string[];
}

const numbersOf = (samples: readonly SampleRecord[]): number[] => [
  ...new Set(samples.flatMap(({ statements }) => statements ?? [])),
];

function remarksOf(samples: readonly SampleRecord[]): string[] {
  const withStatus = (wanted: SampleRecord["status"]): SampleRecord[] => samples.filter(({ status }) => status === wanted);
  const [complete, stopped, failed] = [withStatus("ok"), withStatus("timed-out"), withStatus("failed")];
  const counts = numbersOf(complete);
  const warnings = [...new Set(samples.flatMap((sample) => sample.warnings))];
  const warned = samples.filter((sample) => sample.warnings.length > 0).length;
  return [
    ...(failed.length === 0 ? [] : [`samples that failed: ${failed.length} of ${samples.length}, so the cell has no time`]),
    ...(complete.length > 0 && stopped.length > 0
      ? [
          `a limit stopped ${stopped.length} of ${samples.length} samples, and ${complete.length} are complete: no number may describe both`,
        ]
      : []),
    ...(counts.length > 1 ? [`statements differ between rounds: ${Math.min(...counts)} to ${Math.max(...counts)}`] : []),
    ...(warnings.length === 0 ? [] : [`samples with warnings: ${warned} of ${samples.length} (${warnings.join("; ")})`]),
  ];
}

function notesOf({ version, dataset }: RunRecord, end: RunResults["end"]): string[] {
  return [
    ...(version === RECORDS_VERSION
      ? []
      : [`The records have version ${version}; this program writes version ${RECORDS_VERSION}.`]),
    ...(dataset.generatorVersion === GENERATOR_VERSION
      ? []
      : [
          `The data has version ${dataset.generatorVersion}, and this program makes version ${GENERATOR_VERSION}: a run today has other rows and another content hash.`,
        ]),
    ...(end?.how === "complete" ? [] : ["The run stopped before its end, so rounds are missing."]),
    "The records hold no rows of a result. The audit repeats no verification, and trusts every value in the file.",
  ];
}

export function auditRun({ run, samples, end }: RunResults): Audit {
  const byCell = Map.groupBy(samples, ({ cell }) => cell.id);
  const cells = run.cells.map(({ id }): AuditedCell => {
    const own = byCell.get(id) ?? [];
    const audited = own.flatMap((sample) => auditSample(sample, run) ?? []);
    return { cell: id, samples: audited, without: own.length - audited.length, remarks: remarksOf(own) };
  });
  return { cells, notes: notesOf(run, end) };
}
