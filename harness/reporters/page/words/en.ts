/** The English texts of a report. Every other language has the same entries: TypeScript names a missing one. */
import { duration, times } from "../../../text/format.ts";
import { KEY_WORDS } from "../../parts/key-words.ts";
import { NOTE_WORDS } from "../../parts/note-words.ts";
import { RTT_WORDS } from "../../parts/rtt-words.ts";
import { enScenario } from "./en-scenario.ts";
import { enDetails } from "./en-details.ts";
import { enPage } from "./en-page.ts";

/** A cell in a sentence; null: all cells of the run share the value, or the cell has none. */
export interface CellName {
  readonly technique: string;
  readonly library: string;
  readonly chunkUsers: string | null;
  readonly key: string | null;
}

export const en = {
  ...enPage,
  ...enDetails,
  ...enScenario,
  notes: NOTE_WORDS,
  rtt: RTT_WORDS,
  keyWords: KEY_WORDS,
  axis: {
    seconds: "seconds",
    logarithmic: "logarithmic axis",
    usersPerChunk: "users per chunk",
    roundTripMs: "round-trip time in ms",
    statements: "statements of the whole job",
    mebibytes: "MiB",
    fraction: "% of the time",
    timesFaster: "times faster than the first stage",
    technique: "technique",
    library: "library",
    key: "key",
    chunk: "chunk",
    workers: "workers",
    parallel: "threads or connections",
    split: "split of the users",
    prefill: "earlier runs",
    isolation: "isolation",
    track: "track",
    durability: "durability",
    addedRtt: "added round trip",
    side: "side",
    status: "status",
  },
  column: {
    cell: "cell",
    technique: "technique",
    library: "library",
    api: "interface",
    key: "key",
    chunk: "chunk",
    time: "time (median)",
    interval: "95 % interval or range",
    statements: "statements",
    memory: "peak memory",
    toSetBased: "to set-based",
    toRaw: "to best raw driver",
    toDriver: "to own driver",
  },
  status: {
    ok: "complete",
    "timed-out": "stopped by a limit",
    failed: "failed",
    skipped: "skipped",
    "not run": "not run",
  },
  between: ({ low, high }: { readonly low: number; readonly high: number }) => `${duration(low)} to ${duration(high)}`,
  answer: {
    none: (cells: number, failed: number) =>
      `None of the ${cells} ${cells === 1 ? "cell" : "cells"} has a time${failed === 0 ? "" : `: ${failed} failed`}.`,
    cell: (about: CellName) =>
      [
        `${about.technique} through ${about.library}`,
        ...(about.chunkUsers === null ? [] : [`with ${about.chunkUsers} users per chunk`]),
        ...(about.key === null ? [] : [`with ${about.key} keys`]),
      ].join(" "),
    fastest: ({
      cell,
      time,
      cells,
      rounds,
      equal,
      technique,
      library,
      failed,
    }: {
      readonly cell: string;
      readonly time: string;
      readonly cells: number;
      readonly rounds: number;
      readonly equal: number;
      /** ratio of the slowest to the fastest complete cell */
      readonly technique: number | null;
      readonly library: number | null;
      readonly failed: number;
    }) => {
      const spreads = [
        ...(technique === null ? [] : [`the technique changes the time up to ${times(technique)}`]),
        ...(library === null ? [] : [`the library up to ${times(library)}`]),
      ];
      const tie = equal === 0 ? "" : ` (noise does not separate it from ${equal} more)`;
      return `${cells === 1 ? `${cell} takes ${time} (${rounds === 1 ? "1 round" : `median of ${rounds} rounds`})` : `${cell} is fastest with ${time}${tie}`}${
        spreads.length === 0 ? "" : `; ${spreads.join(", ")}`
      }${failed === 0 ? "" : `; ${failed} of ${cells} cells failed`}.`;
    },
  },
  timeline: {
    title: "Timeline: our stages beside the origin's",
    figure: "Times faster than the first stage, measured here and published",
    reading: "Each row is a stage. A dot is the ratio measured here, a diamond the ratio that the origin published.",
    measured: "measured here",
    claimed: "published by the origin",
    row: (stage: string, own: string | null, claims: string | null) =>
      `${stage}: ${[...(own === null ? [] : [`${own} here`]), ...(claims === null ? [] : [`${claims} published`])].join(", ")}.`,
    measuredTable: "Stages measured here",
    claimedTable: "Published claims",
    measuredHead: ["stage", "cell", "key", "time", "statements", "fraction of first stage", "times faster"],
    claimedHead: ["published claim", "minutes", "fraction of first claim", "times faster", "stage here"],
    missing: (stages: string) => `The options of this run exclude these stages: ${stages}.`,
  },
  samples: {
    title: "Every sample",
    figure: "Time of each sample, by cell",
    nothing: "No cell has a time.",
    row: (cell: string, time: string) => `${cell}: ${time}.`,
    reading: (about: {
      readonly cells: number;
      readonly fastest: string;
      readonly fastestTime: string;
      readonly slowest: string;
      readonly slowestTime: string;
      readonly hasIntervals: boolean;
      readonly hasEstimates: boolean;
    }) =>
      [
        `${about.cells} cells, fastest first: from ${about.fastest} (${about.fastestTime}) to ${about.slowest} (${about.slowestTime}).`,
        `A dot is a sample, in the order of the rounds from top to bottom. The tick is the median. The band is ${about.hasIntervals ? "the 95 % interval of the median" : "the range of the samples"}.`,
        ...(about.hasEstimates ? ["Hollow dots are estimates: a limit stopped these samples."] : []),
      ].join(" "),
  },
  heatMap: {
    title: "Library and technique",
    figure: "Median time by technique and library",
    shades: (bounds: readonly string[]) =>
      `A darker field is slower: the shades change at ${bounds.join(", ")} times the fastest time of the map.`,
    row: (row: string, fastest: string, slowest: string, ratio: string) =>
      `${row}: ${fastest} is fastest, ${slowest} takes ${ratio} as long.`,
  },
  chunkSize: {
    title: "Chunk size",
    figure: "Time by users per chunk",
    table: "Median time by users per chunk",
    reading: "A ring marks the fastest size of a line, and a cross a size that failed. Bands are intervals or ranges.",
    best: (line: string, size: string, time: string) => `${line}: fastest with ${size} users (${time}).`,
  },
  roundTrip: {
    title: "Round-trip time",
    figure: "Time by round-trip time, with fitted lines",
    table: "Fitted lines, and the times that they give",
    reading: "A point is a measured median. A line is base + chain x RTT, fitted to the points.",
    line: (name: string, base: string, atFive: string) => `${name}: ${base} without distance, ${atFive} at 5 ms.`,
    noLine: (name: string) => `${name}: the points carry no line.`,
  },
  keys: {
    title: "Keys",
    figure: "Time by kind of key",
    table: "Kinds of keys",
    reading: "Cells in the same group differ only in their key. Ratios are paired by round, to the first key of the group.",
    ratio: "to the first key",
    count: (_value: number): string => "",
  },
  locality: { title: "Key locality", table: "Pages, fill and reads by kind of key" },
  workers: {
    title: "Workers",
    figure: "Time by number of workers",
    table: "Numbers of workers",
    reading:
      "Cells in the same group differ only in their workers. Ratios are paired by round, to the first number of the group.",
    ratio: "to the first number",
    count: (workers: number): string => `${workers} ${workers === 1 ? "worker" : "workers"}`,
  },
  statements: {
    title: "Statements and time",
    figure: "Time by number of statements",
    table: "Statements by kind",
    reading:
      "Each point is a cell. Hollow points are estimates for the whole job. Cells above one another send as many statements.",
    range: (fewest: string, few: string, most: string, many: string) =>
      `From ${few} statements (${fewest}) to ${many} (${most}).`,
  },
  phases: {
    title: "Where the time goes",
    figure: "The time by phase",
    reading: "The phases of the job as fractions of the median time. The rest is mostly BEGIN and COMMIT.",
    placesFigure: "The time by place: client, server, wire",
    placesReading:
      "Client is CPU time of the measured process. Server is time inside statements, with their waits. The remaining time is spent on the wire or waiting for a CPU. Client and server can overlap.",
    names: { read: "read", badges: "badges", grades: "grades", coupons: "coupons", rest: "rest" },
    client: "client",
    server: "server",
    wire: "wire and waiting",
    largest: (cell: string, part: string, fraction: string) => `${cell}: mostly ${part} (${fraction}).`,
  },
  memory: {
    title: "Memory",
    figure: "Peak memory of the measured process",
    reading: "A dot is the largest resident memory of one sample. The tick is the median, and the band the range.",
    range: (least: string, little: string, most: string, much: string) => `From ${least} (${little}) to ${most} (${much}).`,
  },
  cells: { title: "All cells", table: "Cells, fastest first" },
  problems: {
    title: "Failed, skipped and stopped cells",
    none: "Every cell of this run has complete, verified samples only.",
    table: "Cells without a complete time, or with stopped samples",
    status: "status",
    done: "rows written",
    reason: "reason",
  },
};
