/** Every command of bench that the documentation shows: its verb and options exist, and its plan can be made. */
import type { Command } from "commander";
import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { execute } from "../../harness/commands/execute.ts";
import { createProgram } from "../../harness/program.ts";

const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/usage.md",
  "docs/recommend.md",
  "docs/api.md",
  "docs/cluster.md",
  "docs/chaos.md",
  "docs/ci.md",
  "docs/databases.md",
];
const root = new URL("../../", import.meta.url);

interface PrintedCommand {
  readonly page: string;
  readonly line: string;
  readonly args: readonly string[];
}

/** `$ npx bench run chunked   # why`, with quotes as a shell reads them. */
function argsOf(line: string): string[] {
  const [command = ""] = line.split(/ +# | \| | \.\.\./);
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? "");
}

const shown: PrintedCommand[] = (
  await Promise.all(
    PAGES.map(async (page) => {
      const text = await readFile(new URL(page, root), "utf8");
      return [...text.matchAll(/^\$ (?:npx )?bench (.*)$/gm)].map(([, line = ""]) => ({ page, line, args: argsOf(line) }));
    }),
  )
).flat();

/** The command that the first arguments name, and what follows them. */
function verbOf(program: Command, args: readonly string[]): { verb: Command; rest: readonly string[] } {
  const [name = "", ...rest] = args;
  const verb = program.commands.find((command) => command.name() === name);
  return verb === undefined ? { verb: program, rest: args } : verbOf(verb, rest);
}

const program = await createProgram();

describe("the documentation", () => {
  it("shows commands of bench on each of these pages", () => {
    expect(shown.length).toBeGreaterThan(40);
  });

  it.each(shown)("uses a verb and options that exist: bench $line", ({ args }) => {
    const { verb, rest } = verbOf(
      program,
      args.filter((arg) => arg !== "-v"),
    );
    expect(verb).not.toBe(program);
    const known = [...verb.options, ...program.options].flatMap(({ long, short }) => [long, short]);
    for (const option of rest.filter((arg) => arg.startsWith("-"))) expect(known).toContain(option);
  });
});

describe("the documentation's runs and gates", () => {
  afterEach(() => vi.restoreAllMocks());

  const planned = shown.filter(
    ({ args, line }) => /^(run|gate)$/.test(args[0] ?? "") && !/\.\/|\.\.\/|--resume|--base main|--tls-ca| \.\.\./.test(line),
  );
  it("are enough to be worth a test", () => {
    expect(planned.length).toBeGreaterThanOrEqual(12);
  });

  it.each(planned)("can be planned: bench $line", async ({ args }) => {
    const output = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const errors = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const code = await execute([...args, "--dry-run"]);
    expect(code, String(errors.mock.calls.flat())).toBe(0);
    expect(String(output.mock.calls.flat())).toMatch(/^\d+ cells? x /);
  });

  it("have the size that README gives for the demo", async () => {
    const output = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    expect(await execute(["run", "--suite", "quick", "--dry-run"])).toBe(0);
    const [, cells, rounds] = /^(\d+) cells x (\d+ rounds?)/.exec(String(output.mock.calls.flat())) ?? [];
    const readme = await readFile(new URL("README.md", root), "utf8");
    expect(readme).toContain(`measures ${cells} cells in ${rounds}.`);
  });
});
