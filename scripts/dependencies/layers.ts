/**
 * The allowed imports between the parts of the program, including types. The rows go from the bottom layer up. A row may name
 * only rows above it in this list, which prevents circles of folders. `docs/architecture.md` explains the layers.
 */

export interface Layer {
  readonly name: string;
  /** regular expression of its files' paths; each file belongs to one layer */
  readonly path: string;
  /** names of layers, besides itself */
  readonly mayImport: readonly string[];
}

const layer = (name: string, path: string, mayImport: readonly string[] = []): Layer => ({ name, path, mayImport });

/** The interfaces that techniques and libraries implement, and the modules that these interfaces need. */
const JOB = ["lib", "workload", "orm interface", "strategies"];
/** The types that describe a plug-in of the harness. */
const RECORDS = ["lib", "orm interface", "statistics", "cell", "results"];

export const LAYERS: readonly Layer[] = [
  layer("lib", "lib/"),
  layer("bin", "bin/", ["lib"]),
  layer("workload", "workload/", ["lib"]),
  layer("orm interface", String.raw`orms/[^/]+\.ts`, ["lib", "workload"]),
  layer("strategies", "strategies/", ["lib", "workload", "orm interface"]),
  layer("orms", "orms/[^/]+/", JOB),
  layer("plugin.ts", String.raw`plugin\.ts`, JOB),
  layer("fixtures", "fixtures/", ["lib", "workload"]),
  layer("consistency", "consistency/", ["lib"]),
  layer("model", "model/", ["lib"]),
  layer("api", "api/", JOB),
  layer("docker", "docker/", ["api"]),

  // output for people, and pure functions of numbers
  layer("text", "harness/text/", ["lib"]),
  layer("statistics", "harness/statistics/", ["lib"]),

  // inside the measured process
  layer("cell", String.raw`harness/plan/(cell|prefill|planned-samples)\.ts`, ["orm interface"]),
  layer("protocol", String.raw`harness/protocol\.ts`, [...JOB, "cell"]),
  layer("hook", String.raw`harness/packages/hook\.ts`),
  layer("worker", String.raw`harness/(child\.ts|worker/)`, [...JOB, "protocol"]),

  // records and the values computed from them
  layer("results", "harness/results/", ["lib", "orm interface", "statistics", "cell"]),

  // the server and the network path to it
  layer("database", "harness/database/", ["lib"]),
  layer("rtt", "harness/rtt/", ["lib", "text", "statistics"]),
  layer("verify", "harness/verify/", [...JOB, "text"]),
  layer("wire tap", String.raw`harness/trace/wire-tap\.ts`, ["lib"]),

  // the interfaces of the harness's plug-ins, and the registry that finds them
  layer("suite interface", String.raw`harness/suites/suite\.ts`, ["orm interface", "cell"]),
  layer("reporter interface", String.raw`harness/reporters/reporter\.ts`, RECORDS),
  layer("check interface", String.raw`harness/doctor/check\.ts`, [...RECORDS, "database"]),
  layer("probe interface", String.raw`harness/probes/(server|locality)/probe\.ts`, ["lib", "workload", "results"]),
  layer("registry", String.raw`harness/(described/|registry\.ts)`, [
    ...JOB,
    "suite interface",
    "reporter interface",
    "check interface",
    "probe interface",
  ]),
  layer("source", "harness/source/", ["lib", "orm interface", "registry"]),
  layer("suites", String.raw`harness/suites/(?!suite\.ts)`, ["cell", "suite interface"]),

  // the plan of the measurement
  layer("packages", String.raw`harness/packages/(?!hook\.ts)`, ["lib", "orm interface", "database", "hook"]),
  layer("plan", String.raw`harness/plan/(?!(cell|prefill|planned-samples)\.ts)`, [
    ...JOB,
    "fixtures",
    "statistics",
    "cell",
    "protocol",
    "suite interface",
    "registry",
    "packages",
  ]),

  // readings around a sample, and the server's state before it
  layer("probes", String.raw`harness/probes/(?!(server|locality)/probe\.ts)`, [
    ...RECORDS,
    "workload",
    "text",
    "database",
    "probe interface",
    "registry",
    "plan",
  ]),
  layer("server state", "harness/server-state/", [
    "lib",
    "workload",
    "strategies",
    "verify",
    "fixtures",
    "cell",
    "results",
    "probes",
  ]),

  // one run
  layer("display", "harness/display/", ["lib", "text", "statistics", "cell", "results", "plan"]),
  layer("run", "harness/run/", [
    ...JOB,
    ...RECORDS,
    "fixtures",
    "text",
    "protocol",
    "hook",
    "database",
    "rtt",
    "verify",
    "suite interface",
    "registry",
    "packages",
    "plan",
    "probes",
    "server state",
    "display",
  ]),

  // pure functions of records: neither a server nor a process
  layer("reporters", String.raw`harness/reporters/(?!reporter\.ts)`, [
    ...RECORDS,
    "text",
    "rtt",
    "reporter interface",
    "registry",
    "source",
  ]),
  layer("compare", "harness/compare/", [...RECORDS, "text", "registry", "packages", "plan"]),

  // the work of a verb beyond a run
  layer("history", "harness/history/", [...RECORDS, "text", "reporters", "compare"]),
  layer("audit", "harness/audit/", [...RECORDS, "fixtures", "text", "run"]),
  layer("trace", String.raw`harness/trace/(?!wire-tap\.ts)`, [
    ...JOB,
    "fixtures",
    "protocol",
    "text",
    "wire tap",
    "verify",
    "packages",
    "plan",
    "server state",
    "run",
  ]),
  layer("limits", "harness/limits/", [
    ...JOB,
    "cell",
    "fixtures",
    "text",
    "protocol",
    "worker",
    "results",
    "database",
    "reporter interface",
    "registry",
    "packages",
    "plan",
    "probes",
    "server state",
    "run",
    "reporters",
  ]),
  layer("micro", "harness/micro/", [...JOB, "text", "statistics"]),
  layer("doctor", String.raw`harness/doctor/(?!check\.ts)`, [
    ...RECORDS,
    "fixtures",
    "text",
    "check interface",
    "registry",
    "plan",
    "probes",
    "run",
  ]),
  layer("gate", "harness/gate/", [
    ...RECORDS,
    "text",
    "protocol",
    "database",
    "suite interface",
    "reporter interface",
    "registry",
    "packages",
    "plan",
    "reporters",
    "compare",
  ]),
  layer("bisect", "harness/bisect/", [...RECORDS, "text", "packages", "plan", "compare"]),
  layer("nginx", "harness/cluster/nginx/", ["lib", "database"]),
  layer("scenario", "harness/scenario/", [
    ...RECORDS,
    "workload",
    "fixtures",
    "consistency",
    "api",
    "text",
    "database",
    "verify",
    "reporter interface",
    "probe interface",
    "probes",
    "server state",
    "run",
    "reporters",
    "nginx",
  ]),
  layer("recommend", "harness/recommend/", [...RECORDS, "text", "rtt", "plan", "compare", "scenario"]),
  layer("chaos", "harness/chaos/", [
    ...RECORDS,
    "workload",
    "fixtures",
    "consistency",
    "api",
    "text",
    "database",
    "verify",
    "reporter interface",
    "probes",
    "server state",
    "run",
    "reporters",
    "nginx",
    "scenario",
  ]),
  layer("cluster", String.raw`harness/cluster/(?!nginx/)`, ["lib", "api", "text", "database", "scenario", "nginx"]),

  layer("commands", String.raw`harness/(commands/(?!(complete|execute)\.ts)|completion/)`, [
    ...JOB,
    ...RECORDS,
    "fixtures",
    "api",
    "text",
    "database",
    "wire tap",
    "suite interface",
    "check interface",
    "registry",
    "source",
    "packages",
    "plan",
    "probes",
    "server state",
    "run",
    "reporters",
    "compare",
    "audit",
    "recommend",
    "history",
    "bisect",
    "trace",
    "limits",
    "micro",
    "gate",
    "scenario",
    "nginx",
    "cluster",
    "chaos",
  ]),
  layer("program", String.raw`harness/(program|cli|commands/execute)\.ts`, ["lib", "commands"]),
  // the verb that reads the other verbs; program.ts finds it by its folder
  layer("complete", String.raw`harness/commands/complete\.ts`, ["commands", "program"]),
];
