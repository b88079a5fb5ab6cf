import { table } from "../../../reporters/page/block.ts";
import type { Section } from "../../../reporters/page/section.ts";
import { count, duration, gibibytes, serverName, UNKNOWN } from "../../../text/format.ts";
import type { ScenarioSubject } from "./subject.ts";

export const conditions: Section<ScenarioSubject> = {
  id: "conditions",
  title: ({ scenario }) => scenario.conditions,
  applies: () => true,
  render: ({ results: { scenario, samples } }, words) => {
    const { conditions: names, scenario: own } = words;
    const { environment, service, dataset } = scenario;
    const { machine, server, versions, gitCommit } = environment;
    const head = [names.name, names.value];
    const writes = samples.reduce((sum, { verdict }) => sum + (verdict?.writes ?? 0), 0);
    return [
      ...table(own.service, head, [
        [own.rate, String(scenario.ratePerSecond)],
        [own.rounds, String(scenario.rounds)],
        [own.timeout, duration(scenario.clientTimeoutMs)],
        [own.pool, String(service.poolConnections)],
        [own.poolWait, duration(service.poolWaitMs)],
        [own.inFlight, String(service.maxInFlight)],
        [own.writes, count(writes)],
        [own.rules, String(samples[0]?.verdict?.rules.length ?? 0)],
        [names.users, count(dataset.users)],
        [names.orders, count(dataset.orders)],
        [names.dormant, count(dataset.dormantUsers)],
        [names.id, scenario.runId],
        [names.started, scenario.startedAt],
        [names.commit, gitCommit ?? UNKNOWN],
      ]),
      ...table(names.machine, head, [
        [names.machineName, machine.name],
        [names.cpu, machine.cpu],
        [names.cores, String(machine.cores)],
        [names.memory, gibibytes(machine.memoryBytes)],
        [names.kernel, machine.kernel],
      ]),
      ...table(names.server, head, [
        [names.serverName, `${serverName(server.version)} (${server.provider})`],
        [names.durability, server.durability],
        [names.isolation, server.isolation ?? UNKNOWN],
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
