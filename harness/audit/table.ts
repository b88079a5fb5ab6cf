/** Renders an audit for the terminal. */
import { layOut, proseColumns, style, wrap } from "../text/layout.ts";
import type { Audit, AuditedCell } from "./audit.ts";
import type { AuditedSample, Outcome } from "./rules.ts";

const HEAD = ["cell", "samples", "pass", "could not pass", "not recorded", "without a result"];

const of = ({ samples }: AuditedCell, wanted: Outcome): AuditedSample[] => samples.filter(({ outcome }) => outcome === wanted);

/** Equal details of several rounds share a line. */
function detailsOf(cell: AuditedCell, wanted: Outcome): string[] {
  const found = cell.samples.flatMap(({ round, findings }) =>
    findings.filter(({ outcome }) => outcome === wanted).map(({ detail }) => ({ round, detail: detail ?? "" })),
  );
  return [...Map.groupBy(found, ({ detail }) => detail)].map(
    ([detail, rounds]) => `${rounds.length === 1 ? "round" : "rounds"} ${rounds.map(({ round }) => round).join(", ")}: ${detail}`,
  );
}

/** @param columns of the terminal; null: any width */
export function auditText({ cells, notes }: Audit, colour: boolean, columns: number | null): string {
  const prose = (text: string, indent = ""): string => (columns === null ? text : wrap(text, proseColumns(columns), indent));
  const table = layOut(
    HEAD,
    HEAD.map((_, index) => (index === 0 ? "left" : "right")),
    cells.map((cell) => ({
      cells: [
        cell.cell,
        String(cell.samples.length + cell.without),
        String(of(cell, "passes").length),
        style("red", String(of(cell, "fails").length), colour && of(cell, "fails").length > 0),
        String(of(cell, "unknown").length),
        String(cell.without),
      ],
      below: null,
    })),
    colour,
  );
  const failing = cells.flatMap((cell) => detailsOf(cell, "fails").map((detail) => `${cell.cell}: ${detail}`));
  const remarks = cells.flatMap((cell) => cell.remarks.map((remark) => `${cell.cell}: ${remark}`));
  const missing = [
    ...new Set(cells.flatMap(({ samples }) => samples.flatMap(({ findings }) => findings)).flatMap(unknownDetail)),
  ];
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", title, ...lines.map((line) => prose(`  ${line}`, "    "))];
  return [
    table,
    ...section("Samples that could not pass:", failing),
    ...section("Remarks:", remarks),
    ...section("Without a value, a rule decides nothing:", missing),
    "",
    ...notes.map((note) => prose(note)),
  ].join("\n");
}

const unknownDetail = ({ outcome, detail }: { readonly outcome: Outcome; readonly detail: string | null }): string[] =>
  outcome === "unknown" && detail !== null ? [detail] : [];
