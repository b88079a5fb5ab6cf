/** The reasons for an answer, from the counts of the records. Each sentence contains its numbers. */
import { chainOf } from "./timing.ts";
import { count, duration, factor, mebibytes, percent } from "../text/format.ts";
import type { Answer } from "./answer.ts";
import { techniqueText } from "./wording.ts";

/** Below this factor, two counts do not explain a difference in time. */
const NOTABLE = 1.2;

function statementReasons({ pick, rowByRow }: Answer): string[] {
  const { statements } = pick.summary;
  if (statements === null || rowByRow?.statements == null) return [];
  const mark = rowByRow.summary.status === "ok" ? "" : "about ";
  return [
    `The server executes ${count(statements)} statements instead of ${mark}${count(rowByRow.statements)}, which is ${factor(rowByRow.statements / statements)} times as many. Each statement costs a round trip and work in the library.`,
  ];
}

function splitReasons({ pick }: Answer): string[] {
  const { split, medianWallMs } = pick.summary;
  if (split === null || medianWallMs === null) return [];
  const parts = [
    { name: "CPU time of the client", ms: split.clientMs },
    { name: "inside the server", ms: split.serverMs },
    { name: "waiting for the network or a CPU", ms: split.restMs },
  ]
    .filter(({ ms }) => ms > 0)
    .toSorted((a, b) => b.ms - a.ms);
  return [
    `Its time as measured: ${parts.map(({ name, ms }) => `${duration(ms)} ${name}`).join(", ")}. Client and server can overlap.`,
  ];
}

function secondReasons({ pick, ranked }: Answer): string[] {
  const other = ranked.find(
    ({ separation, candidate }) => separation !== null && candidate.summary.cell.strategy !== pick.summary.cell.strategy,
  );
  if (other === undefined) return [];
  const [mine, theirs] = [pick.summary, other.candidate.summary];
  const facts = [
    { name: "statements", mine: mine.statements, theirs: theirs.statements, show: count },
    { name: "CPU time of the client", mine: mine.clientCpuMs, theirs: theirs.clientCpuMs, show: duration },
    { name: "memory", mine: mine.peakRssBytes, theirs: theirs.peakRssBytes, show: mebibytes },
  ].flatMap((fact) => {
    if (fact.mine === null || fact.theirs === null) return [];
    const ratio = fact.theirs / fact.mine;
    return Math.max(ratio, 1 / ratio) < NOTABLE
      ? []
      : [`${fact.name} ${fact.show(fact.theirs)} instead of ${fact.show(fact.mine)}`];
  });
  return facts.length === 0 ? [] : [`${techniqueText(other.candidate)} differs in: ${facts.join(", ")}.`];
}

function distanceReasons({ question, pick }: Answer): string[] {
  const chain = chainOf(pick.summary);
  // the count is that of the measured size
  if (question.rttMs === null || chain === null || pick.isScaled) return [];
  const onTheWire = chain * question.rttMs;
  // statements that overlap take less than one round trip each
  if (onTheWire > pick.timing.ms) return [];
  return [
    `At ${duration(question.rttMs)}, its ${count(chain)} round trips take ${duration(onTheWire)}: ${percent(onTheWire / pick.timing.ms)} of the time.`,
  ];
}

function insideServerReasons({ pick, insideServer, question }: Answer): string[] {
  if (insideServer?.medianWallMs == null || question.rttMs !== null || pick.isScaled) return [];
  // beside the server, while the recommended cell is behind a proxy
  if (pick.summary.cell.addedRttMs !== null) return [];
  if (insideServer.cell.id === pick.summary.cell.id) return [];
  return [
    `\`${insideServer.cell.strategy}\` through ${insideServer.cell.orm} keeps all rows inside of the server and took ${duration(insideServer.medianWallMs)} (${insideServer.cell.id}). It is an option if your rules fit into SQL.`,
  ];
}

function gentleReasons({ pick, question }: Answer): string[] {
  const { costs } = pick.summary;
  if (costs === null || (question.prefer !== "gentlest" && pick.summary.cell.workers === 1)) return [];
  const { longestTransactionMs, rowLockWaits } = costs;
  const parts = [
    ...(longestTransactionMs === null ? [] : [`its longest transaction took ${duration(longestTransactionMs)}`]),
    ...(rowLockWaits === null ? [] : [`the server counted ${count(rowLockWaits)} waits for row locks`]),
  ];
  return parts.length === 0 ? [] : [`For its neighbours: ${parts.join(", and ")}. No other program used the rows.`];
}

function besideReasons({ beside, question }: Answer): string[] {
  if (question.prefer !== "gentlest") return [];
  return beside.map(
    ({ folder, ratePerSecond, users, errorRate, readsP99Ms, writesP99Ms, rowLockWaits }) =>
      `Beside ${count(ratePerSecond)} requests/s without a guard: ${percent(errorRate)} errors, p99 ${duration(readsP99Ms)} of reads and ${duration(writesP99Ms)} of writes, ${count(rowLockWaits)} lock waits (${folder}, ${count(users)} users).`,
  );
}

export const reasonsOf = (answer: Answer): string[] => [
  ...statementReasons(answer),
  ...splitReasons(answer),
  ...distanceReasons(answer),
  ...secondReasons(answer),
  ...gentleReasons(answer),
  ...besideReasons(answer),
  ...insideServerReasons(answer),
];
