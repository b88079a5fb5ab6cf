import { setTimeout as delay } from "node:timers/promises";
import { loadWarning } from "../probes/load.ts";
import { readCpuTime, stolenFraction } from "../probes/steal.ts";
import { gibibytes, percent, wholePercent } from "../text/format.ts";
import { good, note, unreliable, type Check, type Finding } from "./check.ts";

/** Resolves some percent of steal, which the kernel counts in ticks of 10 ms. */
const STEAL_WINDOW_MS = 1_000;
const NOISY_STEAL_FRACTION = 0.05;
/** Client and server need one core each; more cores leave room for both. */
const COMFORTABLE_CORES = 4;
/** Room for the buffer pool, the page cache of its files, and some hundred MiB per worker. */
const COMFORTABLE_MEMORY_BYTES = 4 * 2 ** 30;

/** The stolen fraction of CPU time while all cores are busy. An idle machine reports no steal. */
async function stolenWhileBusy(cores: number): Promise<number | null> {
  const before = await readCpuTime();
  const { Worker } = await import("node:worker_threads");
  const burn = `const until = Date.now() + ${STEAL_WINDOW_MS}; while (Date.now() < until);`;
  const workers = Array.from({ length: cores }, () => new Worker(burn, { eval: true }));
  await delay(STEAL_WINDOW_MS + 100);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return stolenFraction(before, await readCpuTime());
}

export const check: Check = {
  id: "machine",
  title: "Machine",
  isSlow: false,
  async run({ environment: { machine } }) {
    const findings: Finding[] = [];
    const values = { cores: machine.cores, memoryBytes: machine.memoryBytes, loadAverage: machine.loadAverage };
    const about = `${machine.cpu}, ${machine.cores} cores, ${gibibytes(machine.memoryBytes)}`;
    findings.push(
      machine.cores >= COMFORTABLE_CORES && machine.memoryBytes >= COMFORTABLE_MEMORY_BYTES
        ? good(about, values)
        : note(
            `${about}: client, workers and a server on this machine compete for CPU and memory`,
            "use a server on another machine (--db), or do not compare more workers than cores here",
            values,
          ),
    );
    const busy = loadWarning(machine.loadAverage ?? 0, machine.cores);
    findings.push(
      busy === null
        ? good("no other program uses the CPU")
        : unreliable(busy, "wait, or stop other programs (see `uptime` and `top`)"),
    );
    const stolen = await stolenWhileBusy(machine.cores);
    const stolenValues = { stolenFraction: stolen };
    if (stolen === null)
      findings.push(
        note("this system does not report steal, the CPU time that a host gives to other virtual machines", null, stolenValues),
      );
    else if (stolen > NOISY_STEAL_FRACTION)
      findings.push(
        unreliable(
          `the host gave ${wholePercent(stolen)} of the requested CPU time to other virtual machines (steal)`,
          "use a dedicated machine, or run more rounds and trust only ratios of cells of the same round",
          stolenValues,
        ),
      );
    else
      findings.push(good(`the host gave ${percent(stolen)} of the requested CPU time to other virtual machines`, stolenValues));
    return findings;
  },
};
