/** A scenario for people: api.md, api.csv and api.svg for its folder, and a table for the terminal. From records alone. */
import { stringify } from "csv-stringify/sync";
import type { TopLevelSpec } from "vega-lite";
import { bytes, count, duration, percent, serverName, times, UNKNOWN } from "../reporters/format.ts";
import { layOut, MAX_COLUMNS, wrap, type Align } from "../reporters/layout.ts";
import { markdownLines } from "../reporters/markdown.ts";
import type { RenderedFile } from "../reporters/reporter.ts";
import type { Percentiles } from "./latency.ts";
import { OUTCOMES } from "./load-messages.ts";
import { PHASES, type ScenarioResults } from "./records.ts";
import { expectationsOf, summariseScenario, weakScenarios, type VariantSummary } from "./summary.ts";
import { batchName } from "./variant.ts";

const AFTER = "no guard";
const guardName = ({ variant }: VariantSummary): string => variant.guard ?? "(no requests)";
const withRequests = (summary: VariantSummary): boolean => summary.variant.guard !== null;
const p = (found: Percentiles | null | undefined): string =>
  found == null ? UNKNOWN : [found.p50Ms, found.p95Ms, found.p99Ms, found.maxMs].map(duration).join(" / ");

function headline({ scenario }: ScenarioResults): string {
  const { dataset, environment, ratePerSecond } = scenario;
  const { machine, server } = environment;
  return [
    `${dataset.users.toLocaleString("en")} users of the batch and ${dataset.dormantUsers.toLocaleString("en")} others`,
    `${ratePerSecond} requests/s`,
    `${serverName(server.version)}, durability ${server.durability}`,
    `${machine.cpu}, ${machine.cores} cores`,
    scenario.startedAt.slice(0, 10),
  ].join(" · ");
}

/** From the origin's load test, and what those numbers stand for. */
const ORIGIN_HEAD = ["", "before", "after", "change"];
const ORIGIN_ROW = ["claimed there: an API request beside the batch", "22.4 s", "0.43 s", "-98.1 % (it says 96 %)"];
const ORIGIN_ERRORS = ["claimed there: errors", "50 %", "0 %", ""];
const ORIGIN_CAUTION =
  "Before, a request waited until it was done; after, it was refused early: the origin's 0.43 s times a refusal (202), not the work. So here each is a row of its own, and what was put off is followed until it took effect.";

/** Ours beside the origin's, per batch that has both ends. */
function originRows(summaries: readonly VariantSummary[]): string[][] {
  return summaries
    .filter(({ variant }) => variant.guard === "memory-flag")
    .flatMap((after) => {
      const batch = batchName(after.variant.batch);
      const before = summaries.find(({ variant }) => variant.guard === "none" && batchName(variant.batch) === batch);
      const [was, now] = [before?.phases?.during, after.phases?.during];
      if (was === undefined || now === undefined) return [];
      const change = (from: number | undefined, to: number | undefined): string =>
        from === undefined || to === undefined
          ? UNKNOWN
          : `${to <= from ? "-" : "+"}${(Math.abs(1 - to / from) * 100).toFixed(1)} %`;
      const row = (what: string, from: number | undefined, to: number | undefined): string[] => [
        `${batch}: ${what}`,
        duration(from ?? null),
        duration(to ?? null),
        change(from, to),
      ];
      return [
        row("a write that took effect at once, p99", was.latencies.applied?.p99Ms, now.latencies.applied?.p99Ms),
        row("a write that was put off: until its answer (202), p99", undefined, now.latencies.accepted?.p99Ms),
        row("... and until it took effect, p99", undefined, after.untilApplied?.p99Ms),
        row("a read, p99", was.latencies.read?.p99Ms, now.latencies.read?.p99Ms),
        row("a request that failed, p50", was.latencies.failed?.p50Ms, now.latencies.failed?.p50Ms),
        [`${batch}: errors`, percent(was.errorRate), percent(now.errorRate), ""],
      ];
    });
}

const LATENCY_HEAD = [
  "batch",
  "guard",
  "phase",
  "requests",
  "reads",
  "applied",
  "accepted",
  "failed",
  "errors",
  "goodput",
  "pool wait p99",
  "lock waits",
  "deadlocks",
];

function latencyRows(summaries: readonly VariantSummary[]): string[][] {
  return summaries.filter(withRequests).flatMap((summary) =>
    PHASES.map((phase) => {
      const found = summary.phases?.[phase];
      const { latencies } = found ?? {};
      return [
        batchName(summary.variant.batch),
        guardName(summary),
        phase,
        count(found?.sent ?? null),
        p(latencies?.read),
        p(latencies?.applied),
        p(latencies?.accepted),
        p(latencies?.failed),
        percent(found?.errorRate ?? null),
        found?.goodputPerSecond == null ? UNKNOWN : `${found.goodputPerSecond.toFixed(0)}/s`,
        found?.poolWaitP99AtMostMs == null ? UNKNOWN : `≤ ${duration(found.poolWaitP99AtMostMs)}`,
        count(found?.rowLockWaits ?? null),
        count(found?.deadlocks ?? null),
      ];
    }),
  );
}

const BATCH_HEAD = [
  "batch",
  "guard",
  "batch's time",
  "to alone",
  "choosing users",
  "users owned, mean time",
  "users put off",
  "until applied (p50 / p95 / p99 / max)",
  "most rows locked",
  "longest transaction",
  "conflicts",
];

const batchRows = (summaries: readonly VariantSummary[]): string[][] =>
  summaries.map((summary) => [
    batchName(summary.variant.batch),
    guardName(summary),
    duration(summary.batchMs),
    times(summary.slowDown),
    duration(summary.selectingMs),
    summary.ownedUsers === null ? UNKNOWN : `${count(summary.ownedUsers.count)}, ${duration(summary.ownedUsers.meanMs)}`,
    count(summary.usersPutOff),
    p(summary.untilApplied),
    count(summary.mostRowsLocked),
    duration(summary.longestTransactionMs),
    String(summary.conflicts),
  ]);

/** Harm to neighbours: a technique's own time beside what it did to everybody else. */
const HARM_HEAD = [
  "technique",
  "guard",
  "its time",
  "reads p99",
  "writes p99",
  "errors",
  "most rows locked",
  "longest transaction",
  "lock waits",
];

const harmRows = (summaries: readonly VariantSummary[]): string[][] =>
  summaries
    .filter((summary) => withRequests(summary) && summary.variant.batch.technique !== null)
    .map((summary) => {
      const during = summary.phases?.during;
      return [
        batchName(summary.variant.batch),
        guardName(summary),
        duration(summary.batchMs),
        duration(during?.latencies.read?.p99Ms ?? null),
        duration(during?.latencies.applied?.p99Ms ?? null),
        percent(during?.errorRate ?? null),
        count(summary.mostRowsLocked),
        duration(summary.longestTransactionMs),
        count(during?.rowLockWaits ?? null),
      ];
    });

const kept = (isKept: boolean | null): string => (isKept === null ? "can't be told" : isKept ? "kept" : "not kept");

function problems(results: ScenarioResults, summaries: readonly VariantSummary[]): string[] {
  return [
    ...summaries.flatMap(({ failed }) => failed.map(({ variant, reason }) => `${variant.id} failed: ${reason ?? ""}`)),
    ...results.samples.flatMap(({ variant, verdict }) =>
      (verdict?.conflicts ?? []).map(
        ({ says, count: many, examples }) => `${variant.id}: ${many} against "${says}", for example ${examples[0] ?? ""}`,
      ),
    ),
    ...weakScenarios(summaries).map(
      (batch) =>
        `${batch}: with ${AFTER} nothing failed and nothing conflicted, so this scenario is too weak to show what a guard brings.`,
    ),
    ...results.samples.flatMap(({ variant, warnings }) => warnings.map((warning) => `${variant.id}: ${warning}`)),
    ...(results.how === "complete" ? [] : ["The scenario was not finished; what is missing is not shown."]),
    ...results.scenario.notes,
  ];
}

function failureRows(summaries: readonly VariantSummary[]): string[][] {
  return summaries.flatMap((summary) =>
    Object.entries(summary.phases?.during.failures ?? {}).map(([kind, many]) => [
      batchName(summary.variant.batch),
      guardName(summary),
      kind,
      count(many),
    ]),
  );
}

const section = (title: string, head: readonly string[], rows: readonly (readonly string[])[], after: string): string[] =>
  rows.length === 0 ? [] : [`## ${title}`, "", markdownLines(head, rows), "", ...(after === "" ? [] : [after, ""])];

export function scenarioMarkdown(results: ScenarioResults): string {
  const summaries = summariseScenario(results);
  const { scenario } = results;
  const { environment, service, dataset } = scenario;
  const { machine, server } = environment;
  const versions = Object.entries(environment.versions).map(([name, version]) => `${name} ${version ?? "unknown"}`);
  const writes = results.samples.reduce((sum, { verdict }) => sum + (verdict?.writes ?? 0), 0);
  return [
    "# Live requests beside the batch",
    "",
    headline(results),
    "",
    ...problems(results, summaries).map((problem) => `- ${problem}`),
    "",
    ...section(
      "Requests",
      LATENCY_HEAD,
      latencyRows(summaries),
      "Latencies are p50 / p95 / p99 / maximum, from the moment at which a request was due (requests arrive whether or not others were answered). Goodput: reads and writes that took effect at once.",
    ),
    ...section("Why requests failed during the batch", ["batch", "guard", "why", "requests"], failureRows(summaries), ""),
    ...section(
      "The batch",
      BATCH_HEAD,
      batchRows(summaries),
      `"To alone" is the batch's time over its time without requests. "Users owned" is from the batch's choice of its users to each one's commit.`,
    ),
    ...section(
      "Harm to neighbours",
      HARM_HEAD,
      harmRows(summaries),
      "What a technique does to everybody else while it runs, beside its own time.",
    ),
    ...section(
      "What the flag in memory is to bring",
      ["batch", "expected during the batch", "found", ""],
      expectationsOf(summaries).map(({ batch, says, found, isKept }) => [batch, says, found, kept(isKept)]),
      "",
    ),
    ...section(
      "The claim that this began with",
      ORIGIN_HEAD,
      originRows(summaries).length === 0 ? [] : [ORIGIN_ROW, ORIGIN_ERRORS, ...originRows(summaries)],
      ORIGIN_CAUTION,
    ),
    "## How it was measured",
    "",
    `- Run ${scenario.runId}: ${scenario.rounds} ${scenario.rounds === 1 ? "round" : "rounds"}, variants in random order (seed ${scenario.seed}), for each a fresh service in a process of its own, its data set back; ${duration(scenario.quietMs)} of requests before and after the batch, clients wait ${duration(scenario.clientTimeoutMs)} at most.`,
    `- ${writes.toLocaleString("en")} writes were checked afterwards by ${results.samples[0]?.verdict?.rules.length ?? 0} rules (none lost, doubled or overtaken, no manual change written over, grades and coupons as expected): ${summaries.reduce((sum, { conflicts }) => sum + conflicts, 0)} conflicts.`,
    `- Service: ${service.poolConnections} connections, at most ${duration(service.poolWaitMs)} for one, ${service.maxInFlight} requests at work.`,
    `- Data: ${dataset.users.toLocaleString("en")} users with ${dataset.orders.toLocaleString("en")} orders, ${dataset.dormantUsers.toLocaleString("en")} without, seed ${dataset.dataSeed}.`,
    `- Machine: ${machine.cpu}, ${machine.cores} cores, ${bytes(machine.memoryBytes)}, ${machine.kernel}; client, service, batch and server share it.`,
    `- Server: ${serverName(server.version)} (${server.provider}), isolation ${server.isolation ?? "unknown"}, durability ${server.durability}.`,
    `- Versions: ${versions.join(", ")}${environment.gitCommit === null ? "" : `, orm-shootout ${environment.gitCommit.slice(0, 10)}`}.`,
    "",
  ].join("\n");
}

/** For a page that tells of other things as well: a row per guard, requests during the batch. */
export function scenarioDigest(results: ScenarioResults): string {
  const head = ["batch", "guard", "errors", "reads p99", "writes at once p99", "202 p99", "... until applied p50", "conflicts"];
  const rows = summariseScenario(results)
    .filter(withRequests)
    .map((summary) => {
      const during = summary.phases?.during;
      return [
        batchName(summary.variant.batch),
        guardName(summary),
        percent(during?.errorRate ?? null),
        duration(during?.latencies.read?.p99Ms ?? null),
        duration(during?.latencies.applied?.p99Ms ?? null),
        duration(during?.latencies.accepted?.p99Ms ?? null),
        duration(summary.untilApplied?.p50Ms ?? null),
        String(summary.conflicts),
      ];
    });
  return `${markdownLines(head, rows)}\n\n<sub>${headline(results)}</sub>`;
}

const number = (value: number | null | undefined): string => (value == null ? "" : String(Number(value.toFixed(3))));

/** A row per variant, phase and outcome. */
function scenarioCsv(results: ScenarioResults): string {
  const rows = summariseScenario(results).flatMap((summary) =>
    PHASES.flatMap((phase) =>
      OUTCOMES.map((outcome) => {
        const found = summary.phases?.[phase];
        const latencies = found?.latencies[outcome];
        const { style, chunkUsers, pauseMs, technique } = summary.variant.batch;
        return {
          run_id: results.scenario.runId,
          guard: summary.variant.guard ?? "",
          batch_style: style,
          technique: technique ?? "",
          chunk_users: number(chunkUsers),
          pause_ms: number(pauseMs),
          phase,
          outcome,
          requests: number(latencies?.count ?? (found === undefined ? null : 0)),
          p50_ms: number(latencies?.p50Ms),
          p95_ms: number(latencies?.p95Ms),
          p99_ms: number(latencies?.p99Ms),
          max_ms: number(latencies?.maxMs),
          phase_ms: number(found?.durationMs),
          phase_requests: number(found?.sent),
          error_share: number(found?.errorRate),
          goodput_per_s: number(found?.goodputPerSecond),
          pool_wait_p99_at_most_ms: number(found?.poolWaitP99AtMostMs),
          row_lock_waits: number(found?.rowLockWaits),
          deadlocks: number(found?.deadlocks),
          batch_ms: number(summary.batchMs),
          batch_to_alone: number(summary.slowDown),
          most_rows_locked: number(summary.mostRowsLocked),
          longest_transaction_ms: number(summary.longestTransactionMs),
          users_put_off: number(summary.usersPutOff),
          until_applied_p99_ms: number(summary.untilApplied?.p99Ms),
          conflicts: number(summary.conflicts),
        };
      }),
    ),
  );
  return stringify(rows, { header: true });
}

/** p99 by what became of a request, during the batch. @returns null of nothing */
async function chart(results: ScenarioResults): Promise<string | null> {
  const bars = summariseScenario(results).flatMap((summary) =>
    OUTCOMES.flatMap((outcome) => {
      const found = summary.phases?.during.latencies[outcome];
      if (found == null || outcome === "declined") return [];
      const share = summary.phases === null ? 0 : found.count / summary.phases.during.sent;
      return [
        {
          batch: batchName(summary.variant.batch),
          guard: guardName(summary),
          outcome,
          ms: found.p99Ms,
          label: `${duration(found.p99Ms)} (${percent(share)})`,
        },
      ];
    }),
  );
  if (bars.length === 0) return null;
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const x = {
    field: "ms",
    type: "quantitative",
    title: "p99 in milliseconds, logarithmic; in brackets the share of all requests",
    scale: { type: "log", domainMin: 1, nice: true },
  } as const;
  const y = { field: "outcome", type: "nominal", sort: [...OUTCOMES], title: null } as const;
  const spec: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    title: { text: "Requests during the batch", subtitle: headline(results), anchor: "start", offset: 12 },
    data: { values: bars },
    facet: {
      row: { field: "guard", type: "nominal", sort: null, title: null },
      column: { field: "batch", type: "nominal", sort: null, title: null },
    },
    spec: {
      width: 380,
      height: { step: 20 },
      layer: [
        {
          mark: { type: "bar", height: { band: 0.7 } },
          encoding: {
            y,
            x,
            x2: { datum: 1 },
            color: { field: "outcome", type: "nominal", legend: null, sort: [...OUTCOMES], scale: { scheme: "tableau10" } },
          },
        },
        { mark: { type: "text", align: "left", dx: 5 }, encoding: { y, x, text: { field: "label" } } },
      ],
    },
    config: { view: { stroke: null }, axis: { grid: false }, font: "sans-serif" },
  };
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
  return `${await view.toSVG()}\n`;
}

export async function scenarioFiles(results: ScenarioResults): Promise<RenderedFile[]> {
  const svg = await chart(results);
  return [
    { name: "api.csv", content: scenarioCsv(results) },
    { name: "api.md", content: scenarioMarkdown(results) },
    ...(svg === null ? [] : [{ name: "api.svg", content: svg }]),
  ];
}

const TERMINAL_HEAD = ["guard", "reads", "applied", "202", "failed", "errors", "batch", "conflicts"];
const TERMINAL_ALIGNS: Align[] = ["left", "right", "right", "right", "right", "right", "right", "right"];

/** At most 80 columns: p99 during the batch. */
export function scenarioTable(results: ScenarioResults, colour: boolean): string {
  const summaries = summariseScenario(results);
  const tables = [...Map.groupBy(summaries, ({ variant }) => batchName(variant.batch))].map(([batch, own]) => {
    const rows = own.map((summary) => {
      const during = summary.phases?.during;
      const at = (found: Percentiles | null | undefined): string => duration(found?.p99Ms ?? null);
      const { read, applied, accepted, failed } = during?.latencies ?? {};
      return {
        cells: [
          guardName(summary),
          at(read),
          at(applied),
          at(accepted),
          at(failed),
          percent(during?.errorRate ?? null),
          duration(summary.batchMs),
          String(summary.conflicts),
        ],
        below: null,
      };
    });
    return `${wrap(`Batch ${batch}: p99 of requests while it runs`, MAX_COLUMNS)}\n${layOut(TERMINAL_HEAD, TERMINAL_ALIGNS, rows, colour)}`;
  });
  const expectations = expectationsOf(summaries).map(({ batch, says, found, isKept }) =>
    wrap(`${kept(isKept)}: ${says} (${batch}: ${found})`, MAX_COLUMNS, "  "),
  );
  return [
    wrap(headline(results), MAX_COLUMNS),
    "",
    tables.join("\n\n"),
    ...(expectations.length === 0 ? [] : ["", "memory-flag against none:", ...expectations]),
    ...problems(results, summaries).map((problem) => wrap(`- ${problem}`, MAX_COLUMNS, "  ")),
  ].join("\n");
}
