import { duration } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";

const ONE = "chunked/mysql2 500";
/** Both divide the users by the remainder of the id: with ranges, the generator was too late beside six threads. */
const THREADS = `${ONE}, 6 workers, modulo`;
const CONNECTIONS = `${ONE}, 6 workers, connections, modulo`;

const variant = (evidence: Evidence, batch: string, guard: string | null) => evidence.variant("api-neighbours", { guard, batch });
const time = (evidence: Evidence, batch: string, guard: string | null = "none") =>
  known(variant(evidence, batch, guard).batchMs, "time of the batch");
const p99 = (evidence: Evidence, batch: string) =>
  known(variant(evidence, batch, "none").phases?.during.latencies.applied?.p99Ms, "p99 of writes");

export const finding: Finding = {
  topic: "requests beside the batch",
  order: 5,
  isHighlight: false,
  belief: "More workers finish the batch sooner, so they disturb requests for less time.",
  runs: ["api-neighbours"],
  holds: (evidence) =>
    p99(evidence, THREADS) > p99(evidence, CONNECTIONS) &&
    p99(evidence, CONNECTIONS) > p99(evidence, ONE) &&
    time(evidence, THREADS) > time(evidence, ONE) &&
    time(evidence, THREADS, null) < time(evidence, ONE, null),
  text: (evidence) => ({
    sentence: `Beside requests, six worker threads take ${duration(time(evidence, THREADS))} and one worker ${duration(time(evidence, ONE))}, although the threads are faster without requests.`,
    numbers: [
      `Without requests the times are ${duration(time(evidence, THREADS, null))} and ${duration(time(evidence, ONE, null))}.`,
      `The p99 of writes is ${duration(p99(evidence, ONE))} beside one worker, ${duration(p99(evidence, CONNECTIONS))} beside six connections of one thread, and ${duration(p99(evidence, THREADS))} beside six threads.`,
      `Clients, service, batch and server share ${evidence.coresOf("api-neighbours")} cores.`,
    ],
  }),
};
