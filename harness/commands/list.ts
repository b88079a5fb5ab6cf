/** `bench list`: lists strategies, presets, ORMs, keys, suites, formats and cells. */
import { BenchError } from "../../lib/errors.ts";
import { paint } from "../../lib/log.ts";
import { installCommand, missingPackages, packagesOf } from "../packages/installed.ts";
import { registeredCells, shortName } from "../plan/cells.ts";
import { listPlugIns, unknownName } from "../registry.ts";
import { packageVersion } from "../../lib/installed-package.ts";
import type { RegisterCommand } from "./context.ts";
import { text } from "./values.ts";

const EXAMPLES = `
Examples:
  bench list
  bench list orms
  bench list cells                                the code file of each strategy and ORM
  bench list orms --json | jq -r '.orms[].id'     for scripts`;

interface Entry {
  readonly id: string;
  /** for people */
  readonly text: string;
  /** for programs */
  readonly facts: Readonly<Record<string, unknown>>;
}

const describe = async (kind: "strategy" | "preset" | "key" | "suite" | "reporter"): Promise<Entry[]> =>
  (await listPlugIns(kind)).map(({ value: { id, summary } }) => ({ id, text: summary, facts: { summary } }));

const KINDS: Readonly<Record<string, () => Promise<Entry[]>>> = {
  strategies: () => describe("strategy"),
  presets: () => describe("preset"),
  orms: async () =>
    Promise.all(
      (await listPlugIns("orm")).map(async ({ url, value: orm }) => {
        const names = packagesOf(orm);
        const version = missingPackages(names, url).length === 0 ? await packageVersion(orm.packageName, url) : null;
        const installed = version ?? `not installed: ${installCommand(names, url)}`;
        const { id, class: ormClass, driver, api, packageName } = orm;
        return {
          id,
          text: `${ormClass}, on ${driver}, api ${api} (${packageName} ${installed})`,
          facts: { class: ormClass, driver, api, packageName, version },
        };
      }),
    ),
  keys: () => describe("key"),
  suites: () => describe("suite"),
  formats: () => describe("reporter"),
  cells: async () => {
    return (await registeredCells()).map(({ cell, skipReason }) => ({
      id: shortName(cell),
      text: skipReason === null ? `${cell.api}  ${cell.code}` : `skipped: ${skipReason}`,
      facts: { strategy: cell.strategy, orm: cell.orm, api: cell.api, code: cell.code, skipReason },
    }));
  },
};

export const register: RegisterCommand = (program, context) => {
  program
    .command("list")
    .description("Lists strategies, presets, ORMs, keys, suites, formats and cells.")
    .argument("[kind]", `one of ${Object.keys(KINDS).join(", ")}`, text({ names: Object.keys(KINDS) }))
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (kind: string | undefined, options: { json?: boolean }) => {
      if (kind !== undefined && !Object.hasOwn(KINDS, kind))
        throw new BenchError(
          "UNKNOWN_NAME",
          `unknown kind of list: "${kind}"`,
          unknownName("list", kind, Object.keys(KINDS)).fix,
        );
      const kinds = kind === undefined ? Object.keys(KINDS) : [kind];
      const found = await Promise.all(kinds.map(async (name) => [name, (await KINDS[name]?.()) ?? []] as const));
      if (options.json === true) {
        const lists = found.map(([name, entries]) => [name, entries.map(({ id, facts }) => ({ id, ...facts }))] as const);
        context.print(JSON.stringify(Object.fromEntries(lists), null, 2));
        return;
      }
      for (const [name, entries] of found) {
        const width = Math.max(...entries.map(({ id }) => id.length));
        context.print(
          [paint("bold", name, process.stdout), ...entries.map(({ id, text }) => `  ${id.padEnd(width)}  ${text}`)].join("\n"),
        );
      }
    });
};
