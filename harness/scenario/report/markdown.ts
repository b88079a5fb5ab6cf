/** api.md, and a digest for another page. */
import { bytes, duration, percent, serverName } from "../../text/format.ts";
import { markdownLines } from "../../text/markdown.ts";
import type { ScenarioResults } from "../records.ts";
import { expectationsOf, summariseScenario } from "../summary.ts";
import { batchName } from "../variant.ts";
import { ORIGIN_CAUTION, ORIGIN_HEAD, originRows } from "./origin.ts";
import { BATCH_HEAD, batchRows, FAILURE_HEAD, failureRows, HARM_HEAD, harmRows, LATENCY_HEAD, latencyRows } from "./tables.ts";
import { guardName, headline, kept, problems, withRequests } from "./format.ts";

const section = (title: string, head: readonly string[], rows: readonly (readonly string[])[], after: string): string[] =>
  rows.length === 0 ? [] : [`## ${title}`, "", markdownLines(head, rows), "", ...(after === "" ? [] : [after, ""])];

/** Records from before it waited say nothing of a wait. */
const waitAlone = ({ samples }: ScenarioResults): string =>
  samples.every(({ beforeBatchMs }) => beforeBatchMs !== null) ? "after the same wait" : "at once";

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
      "Latencies are p50 / p95 / p99 / maximum, from the moment at which a request was due (requests arrive whether or not others were answered). Until applied: of writes accepted in the phase, from acceptance to effect, whenever that was. Goodput: reads and writes that took effect at once.",
    ),
    ...section("Why requests failed", FAILURE_HEAD, failureRows(summaries), ""),
    ...section(
      "The batch",
      BATCH_HEAD,
      batchRows(summaries),
      `"To alone" is the batch's time over its time without requests. "Users owned" is from the batch's choice of its users to each one's commit; of the longest a bound is known.`,
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
    ...section("The claim that this began with", ORIGIN_HEAD, originRows(summaries), ORIGIN_CAUTION),
    "## How it was measured",
    "",
    `- Run ${scenario.runId}: ${scenario.rounds} ${scenario.rounds === 1 ? "round" : "rounds"}, variants in random order (seed ${scenario.seed}), for each a fresh service in a process of its own, its data set back; ${duration(scenario.quietMs)} of requests before and after the batch, a batch alone ${waitAlone(results)}, clients wait ${duration(scenario.clientTimeoutMs)} at most.`,
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
        // records from before phases were told apart have it of all of them
        duration((during?.untilApplied ?? summary.untilApplied)?.p50Ms ?? null),
        String(summary.conflicts),
      ];
    });
  return `${markdownLines(head, rows)}\n\n<sub>${headline(results)}</sub>`;
}
