/** Renders api.md, and digests for pages of the documentation. */
import { count, duration, gibibytes, percent, serverName, times } from "../../text/format.ts";
import { markdownLines } from "../../text/markdown.ts";
import type { ScenarioResults } from "../records.ts";
import { expectationsOf, summariseScenario } from "../summary.ts";
import { batchName } from "../variant.ts";
import { enScenario } from "../../reporters/page/words/en-scenario.ts";
import { originRows } from "./origin.ts";
import {
  BATCH_HEAD,
  batchRows,
  DISTURBANCE_HEAD,
  disturbanceRows,
  FAILURE_HEAD,
  failureRows,
  HARM_HEAD,
  harmRows,
  LATENCY_HEAD,
  latencyRows,
  MEMBER_HEAD,
  memberRows,
} from "./tables.ts";
import { guardName, headline, kept, LATE, latencyText, problems, withRequests } from "./phrases.ts";

const section = (title: string, head: readonly string[], rows: readonly (readonly string[])[], after: string): string[] =>
  rows.length === 0 ? [] : [`## ${title}`, "", markdownLines(head, rows), "", ...(after === "" ? [] : [after, ""])];

/** The wait before a batch without requests; older records have none. */
const waitOfBatchOnly = ({ samples }: ScenarioResults): string =>
  samples.every(({ beforeBatchMs }) => beforeBatchMs !== null) ? "after the same wait" : "at once";

/** Clients of older records had one attempt. */
const retriesText = (retries: number | null): string =>
  retries === null ? "" : `, and repeat a failed write up to ${retries} times`;

export function scenarioMarkdown(results: ScenarioResults): string {
  const summaries = summariseScenario(results);
  const { scenario } = results;
  const { environment, service, dataset } = scenario;
  const { machine, server } = environment;
  const versions = Object.entries(environment.versions).map(([name, version]) => `${name} ${version ?? "unknown"}`);
  const writes = results.samples.reduce((sum, { verdict }) => sum + (verdict?.writes ?? 0), 0);
  return [
    `# ${scenario.title ?? "Live requests beside the batch"}`,
    "",
    headline(results),
    "",
    ...problems(results, summaries).map((problem) => `- ${problem}`),
    "",
    ...section(
      "Requests",
      LATENCY_HEAD,
      latencyRows(summaries),
      "Latencies are p50 / p95 / p99 / maximum. They start when a request was due: the generator does not wait for earlier answers. Until applied is the time from acceptance to effect, of writes accepted in the phase. Goodput counts reads and writes that took effect at once.",
    ),
    ...section("Failed requests by cause", FAILURE_HEAD, failureRows(summaries), ""),
    ...section(
      "The batch",
      BATCH_HEAD,
      batchRows(summaries),
      `"To batch only" is the time of the batch divided by its time without requests. "Users owned" measures each user from the selection by the batch to the user's commit; the longest time is an upper bound.`,
    ),
    ...section(
      "The members",
      MEMBER_HEAD,
      memberRows(summaries),
      `Requests go through nginx. Each instance is a member that writes rounds of the batch; "users per member" are the fewest and the most of one member. A round is empty if other members had locked or written all of its users. The statements of a round include the reading before it, BEGIN and COMMIT. A killed instance loses its counts of rounds, statements and hints.`,
    ),
    ...section(
      "Disturbances",
      DISTURBANCE_HEAD,
      disturbanceRows(summaries),
      `The lost partition contains the users of the killed or paused instance that were not written yet. Times begin at the disturbance. The promise is the lease, one poll, and two rounds with their pauses.`,
    ),
    ...section(
      "Effect on requests",
      HARM_HEAD,
      harmRows(summaries),
      "The time of each technique, and the requests while it runs.",
    ),
    ...section(
      "Expectations of memory-flag",
      ["batch", "expected during the batch", "measured", ""],
      expectationsOf(summaries).map(({ batch, says, found, isKept }) => [batch, says, found, kept(isKept)]),
      "",
    ),
    ...section(
      "The claim of the origin",
      ["", "before", "after", "change"],
      originRows(summaries),
      enScenario.scenario.originTexts.caution,
    ),
    "## Method",
    "",
    `- Run ${scenario.runId}: ${scenario.rounds} ${scenario.rounds === 1 ? "round" : "rounds"}, variants in random order (seed ${scenario.seed}), a new service process and reset data for each; ${duration(scenario.quietMs)} of requests before and after the batch, a batch without requests starts ${waitOfBatchOnly(results)}, clients wait at most ${duration(scenario.clientTimeoutMs)}${retriesText(scenario.clientRetries)}.`,
    `- ${writes.toLocaleString("en")} writes checked by ${results.samples[0]?.verdict?.rules.length ?? 0} rules (no write lost, doubled or reordered, no manual change overwritten, grades and coupons as expected): ${summaries.reduce((sum, { conflicts }) => sum + conflicts, 0)} conflicts.`,
    `- Service: ${service.poolConnections} connections, at most ${duration(service.poolWaitMs)} wait for one, at most ${service.maxInFlight} requests in progress.`,
    `- Data: ${dataset.users.toLocaleString("en")} users with ${dataset.orders.toLocaleString("en")} orders, ${dataset.dormantUsers.toLocaleString("en")} without, seed ${dataset.dataSeed}.`,
    `- Machine: ${machine.cpu}, ${machine.cores} cores, ${gibibytes(machine.memoryBytes)}, ${machine.kernel}; client, service, batch and server share it.`,
    `- Server: ${serverName(server.version)} (${server.provider}), isolation ${server.isolation ?? "unknown"}, durability ${server.durability}.`,
    `- Versions: ${versions.join(", ")}${environment.gitCommit === null ? "" : `, orm-shootout ${environment.gitCommit.slice(0, 10)}`}.`,
    "",
  ].join("\n");
}

/** One row per guard with the requests during the batch, for a page of docs/. */
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
        latencyText(during?.latencies.read),
        latencyText(during?.latencies.applied),
        latencyText(during?.latencies.accepted),
        // older records store the time only for all phases together
        duration((during?.untilApplied ?? summary.untilApplied)?.p50Ms ?? null),
        String(summary.conflicts),
      ];
    });
  return `${markdownLines(head, rows)}\n\n<sub>${headline(results)}${lateNote(rows)}</sub>`;
}

/** One row per technique with the requests beside it, for docs/*.md. */
export function harmDigest(results: ScenarioResults): string {
  const rows = harmRows(summariseScenario(results));
  return `${markdownLines(HARM_HEAD, rows)}\n\n<sub>${headline(results)}${lateNote(rows)}</sub>`;
}

/** One row per number of instances with requests and without a disturbance, for a page of docs/. */
export function instancesDigest(results: ScenarioResults): string {
  const head = [
    "batch",
    "batch time",
    "to the fewest",
    "users per member",
    "empty rounds",
    "errors",
    "reads p99",
    "202 p99",
    "conflicts",
  ];
  const rows = summariseScenario(results)
    .filter(withRequests)
    .flatMap((summary) => {
      const { cluster, phases } = summary;
      if (cluster === null || summary.variant.batch.disturbance !== null) return [];
      return [
        [
          batchName(summary.variant.batch),
          duration(summary.batchMs),
          times(cluster.toFewest),
          `${count(cluster.fewestUsers)} to ${count(cluster.mostUsers)}`,
          percent(cluster.emptyFraction),
          percent(phases?.during.errorRate ?? null),
          latencyText(phases?.during.latencies.read),
          latencyText(phases?.during.latencies.accepted),
          String(summary.conflicts),
        ],
      ];
    });
  return `${markdownLines(head, rows)}\n\n<sub>${headline(results)}${lateNote(rows)}</sub>`;
}

/** The cell gives no reason for its missing number. */
const lateNote = (rows: readonly (readonly string[])[]): string =>
  rows.some((row) => row.includes(LATE)) ? ` · ${LATE}: the load generator was too late to measure latencies` : "";
