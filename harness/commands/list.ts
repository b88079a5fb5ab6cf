/** `bench list`: what can be run. */
import { BenchError } from "../../lib/errors.ts";
import { paint } from "../../lib/log.ts";
import { DEFAULT_CHUNK_USERS } from "../cell.ts";
import { planCells } from "../plan.ts";
import { listPlugIns, packageVersion } from "../registry.ts";
import type { RegisterCommand } from "./context.ts";

interface Entry {
  readonly id: string;
  readonly text: string;
}

const describe = async (kind: "strategy" | "preset" | "key" | "suite" | "reporter"): Promise<Entry[]> =>
  (await listPlugIns(kind)).map(({ value }) => ({ id: value.id, text: value.summary }));

const KINDS: Readonly<Record<string, () => Promise<Entry[]>>> = {
  strategies: () => describe("strategy"),
  presets: () => describe("preset"),
  orms: async () =>
    Promise.all(
      (await listPlugIns("orm")).map(async ({ value: orm }) => {
        const version = await packageVersion(orm.packageName);
        const installed = version === null ? `not installed: npm install ${orm.packageName}` : version;
        return { id: orm.id, text: `${orm.class}, on ${orm.driver}, api ${orm.api} (${orm.packageName} ${installed})` };
      }),
    ),
  keys: () => describe("key"),
  suites: () => describe("suite"),
  formats: () => describe("reporter"),
  cells: async () => {
    const [strategies, orms] = await Promise.all([listPlugIns("strategy"), listPlugIns("orm")]);
    const cells = await planCells([
      {
        strategies: strategies.map(({ value }) => value.id),
        orms: orms.map(({ value }) => value.id),
        keys: ["identity"],
        chunkUsers: [DEFAULT_CHUNK_USERS],
      },
    ]);
    return cells.map(({ cell, skipReason }) => ({
      id: `${cell.strategy}/${cell.orm}`,
      text: skipReason === null ? `${cell.api}  ${cell.code}` : `skipped: ${skipReason}`,
    }));
  },
};

export const register: RegisterCommand = (program, context) => {
  program
    .command("list")
    .description("Shows strategies, presets, ORMs, keys, suites, formats and cells.")
    .argument("[kind]", `one of ${Object.keys(KINDS).join(", ")}`)
    .addHelpText(
      "after",
      "\nExamples:\n  bench list\n  bench list orms\n  bench list cells    which code each strategy runs through each ORM",
    )
    .action(async (kind: string | undefined) => {
      if (kind !== undefined && KINDS[kind] === undefined)
        throw new BenchError("UNKNOWN_NAME", `nothing is listed as "${kind}"`, `one of ${Object.keys(KINDS).join(", ")}`);
      const kinds = kind === undefined ? Object.keys(KINDS) : [kind];
      for (const name of kinds) {
        const entries = (await KINDS[name]?.()) ?? [];
        const width = Math.max(...entries.map(({ id }) => id.length));
        context.print(
          [paint("bold", name, process.stdout), ...entries.map(({ id, text }) => `  ${id.padEnd(width)}  ${text}`)].join("\n"),
        );
      }
    });
};
