import { runNoise } from "../../../results/round-noise.ts";
import { count, decimal, duration, gibibytes, roughPercent, serverName, UNKNOWN } from "../../../text/format.ts";
import { paragraph, table } from "../block.ts";
import type { Section } from "../section.ts";
import type { RunSubject } from "../subject.ts";

export const conditions: Section<RunSubject> = {
  id: "conditions",
  title: ({ conditions }) => conditions.title,
  applies: () => true,
  render: ({ results }, { conditions: names }) => {
    const { run, resumptions } = results;
    const { environment, dataset } = run;
    const { machine, server, versions, fsyncP50Ms, gitCommit } = environment;
    const noise = runNoise(results);
    const head = [names.name, names.value];
    return [
      paragraph(noise === null ? names.noNoise : names.noise(noise.cell, roughPercent(noise.typicalDifference), noise.pairs)),
      ...table(names.run, head, [
        [names.id, run.runId],
        [names.started, run.startedAt],
        [names.rounds, String(run.rounds)],
        [names.order, String(run.orderSeed)],
        [names.resumptions, String(resumptions)],
        [names.users, count(dataset.users)],
        [names.orders, count(dataset.orders)],
        [names.dormant, count(dataset.dormantUsers)],
        [names.seed, String(dataset.dataSeed)],
        [names.hash, dataset.contentHash.slice(0, 16)],
        [names.commit, gitCommit ?? UNKNOWN],
      ]),
      ...table(names.machine, head, [
        [names.machineName, machine.name],
        [names.cpu, machine.cpu],
        [names.cores, String(machine.cores)],
        [names.memory, gibibytes(machine.memoryBytes)],
        [names.kernel, machine.kernel],
        [names.load, decimal(machine.loadAverage, 2)],
        [names.fsync, duration(fsyncP50Ms)],
      ]),
      ...table(names.server, head, [
        [names.serverName, `${serverName(server.version)} (${server.provider})`],
        [names.durability, [server.durability, ...server.durabilityRisks].join("; ")],
        [names.isolation, server.isolation ?? UNKNOWN],
        [names.tls, server.tls ?? names.none],
        [names.roundTrip, duration(server.rttMs)],
        ...Object.entries(server.variables).map(([name, value]) => [name, value ?? UNKNOWN]),
      ]),
      ...table(
        names.versions,
        head,
        Object.entries(versions).map(([name, version]) => [name, version ?? UNKNOWN]),
      ),
    ];
  },
};
