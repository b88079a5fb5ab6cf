import { setTimeout as delay } from "node:timers/promises";
import { loadWarning } from "../probes/load.ts";
import { readCpuTime, stolenFraction } from "../probes/steal.ts";
import { good, note, unreliable, type Check, type Finding } from "./check.ts";

/** Long enough for a fraction of some percent to be counted in ticks of 10 ms. */
const STEAL_WINDOW_MS = 1_000;
const NOISY_STEAL_SHARE = 0.05;
/** Client and server each want one; a third leaves room for both. */
const COMFORTABLE_CORES = 4;
/** Buffer pool, the page cache of its files, and a client of some hundred MiB per worker. */
const COMFORTABLE_MEMORY_BYTES = 4 * 2 ** 30;

/** What the host gives to others while all cores want to work: an idle machine can't be stolen from. */
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
    const gib = (machine.memoryBytes / 2 ** 30).toFixed(0);
    const values = { cores: machine.cores, memoryBytes: machine.memoryBytes, loadAverage: machine.loadAverage };
    const about = `${machine.cpu}, ${machine.cores} cores, ${gib} GiB`;
    findings.push(
      machine.cores >= COMFORTABLE_CORES && machine.memoryBytes >= COMFORTABLE_MEMORY_BYTES
        ? good(about, values)
        : note(
            `${about}: client, workers and a server on the same machine take each other's time`,
            "compare more workers than cores elsewhere, or give a server on another machine by --db",
            values,
          ),
    );
    const busy = loadWarning(machine.loadAverage ?? 0, machine.cores);
    findings.push(busy === null ? good("nobody else computes") : unreliable(busy, "wait, or stop what else runs: uptime, top"));
    const stolen = await stolenWhileBusy(machine.cores);
    const stolenValues = { stolenFraction: stolen };
    if (stolen === null) findings.push(note("whether a host takes CPU time away can't be seen here", null, stolenValues));
    else if (stolen > NOISY_STEAL_SHARE)
      findings.push(
        unreliable(
          `${(stolen * 100).toFixed(0)} % of the CPU time that was wanted went to other virtual machines (steal)`,
          "trust ratios of cells that ran in the same round alone, with more rounds; or move to a machine of your own",
          stolenValues,
        ),
      );
    else
      findings.push(
        good(`${(stolen * 100).toFixed(1)} % of the wanted CPU time was taken by other virtual machines`, stolenValues),
      );
    return findings;
  },
};
