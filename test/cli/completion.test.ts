import type { Command } from "commander";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../../harness/program.ts";
import { bench } from "../support/bench.ts";

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

/** What was typed up to the cursor, and what is offered there. */
const TYPED: readonly (readonly [typed: string, offered: readonly string[]])[] = [
  ["bench r", ["report", "reproduce", "run"]],
  ["bench db ", ["up", "down", "status", "url", "grants"]],
  ["bench db status --js", ["--json"]],
  ["bench run --dry", ["--dry-run"]],
  ["bench run naive-", ["naive-transaction"]],
  ["bench run naive --orm mysql2 case", ["case-when"]],
  ["bench run --orm prism", ["prisma"]],
  ["bench run --orm prisma,dri", ["prisma,drizzle"]],
  ["bench run --orm drizzle,prisma,m", ["drizzle,prisma,mariadb", "drizzle,prisma,mikro-orm", "drizzle,prisma,mysql2"]],
  ["bench run --key uuidv7,", ["uuidv7,identity", "uuidv7,uuidv4"]],
  ["bench run --track m", ["matched"]],
  ["bench run --isolation read-c", ["read-committed"]],
  ["bench run --db em", ["embedded"]],
  ["bench --quiet run --suite q", ["quick"]],
  ["bench list or", ["orms"]],
  ["bench list orms p", []],
  ["bench show chunked/pr", ["chunked/prisma"]],
  ["bench show chunked --orm driz", ["drizzle"]],
  ["bench completion z", ["zsh"]],
  ["orm-shootout trace naive/mik", ["naive/mikro-orm"]],
];

describe("the script of bench completion", () => {
  let folder: string;
  const scripts: Record<string, string> = {};
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-completion-"));
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, stdout } = await bench(["completion", shell]);
      expect(code).toBe(0);
      scripts[shell] = join(folder, `bench.${shell}`);
      await writeFile(scripts[shell], stdout);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Runs shell code behind the script. @returns the lines it prints */
  function ask(shell: string, code: string, flags: readonly string[] = []): string[] {
    const { stdout, stderr } = spawnSync(shell, [...flags, "-c", `source '${scripts[shell] ?? ""}'\n${code}`], {
      encoding: "utf8",
      cwd: folder,
    });
    expect(stderr).toBe("");
    return stdout.split("\n").filter((line) => line !== "");
  }

  describe.skipIf(!has("bash"))("for bash", () => {
    /** As bash itself calls it: `=` is a word of its own. */
    const complete = (typed: string): string[] => {
      const words = typed.split(/ |(=)/).filter((word) => word !== undefined);
      return ask(
        "bash",
        `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
         "$(complete -p ${words[0]} | sed 's/.*-F \\([^ ]*\\).*/\\1/')"; printf '%s\\n' "\${COMPREPLY[@]}"`,
        ["--norc"],
      );
    };
    it.each(TYPED)("completes %s", (typed, offered) => {
      expect(complete(typed)).toEqual(offered);
    });
    it("completes a value behind =", () => {
      expect(complete("bench run --orm=prism")).toEqual(["prisma"]);
      expect(complete("bench run --suite=")).toContain("quick");
    });
    it("completes paths where one is meant, and names before them", async () => {
      await writeFile(join(folder, "my way.ts"), "");
      expect(complete("bench run ./my")).toEqual(["./my way.ts"]);
      expect(complete("bench run ")).not.toContain("./my way.ts");
      expect(complete("bench run ")).toContain("chunked");
      expect(complete("bench report ")).toEqual([]);
    });
    it("completes each verb and each option that the program has", async () => {
      for (const command of everyCommand(await createProgram())) {
        const path = pathOf(command);
        if (command.commands.length > 0)
          expect(complete(`${path} `)).toEqual(expect.arrayContaining(command.commands.map((below) => below.name())));
        const options = command.options.map(({ long }) => long ?? "");
        expect(complete(`${path} --`), path).toEqual(expect.arrayContaining([...options, "--help", "--quiet"]));
      }
    });
  });

  describe.skipIf(!has("fish"))("for fish", () => {
    it.each(TYPED.filter(([, offered]) => offered.length > 0))("completes %s", (typed, offered) => {
      const found = ask("fish", `complete -C '${typed}'`, ["--no-config"]).map((line) => line.split("\t")[0]);
      expect(new Set(found)).toEqual(new Set(offered));
    });
  });

  describe.skipIf(!has("zsh"))("for zsh", () => {
    it("is read without an error", () => {
      expect(spawnSync("zsh", ["-n", scripts["zsh"] ?? ""], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    });
  });

  it("is refused for a shell that is not known", async () => {
    expect(await bench(["completion", "csh"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/Allowed choices are bash, zsh, fish/),
    });
  });
});

const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)];
const pathOf = (command: Command): string => `${command.parent === null ? "" : `${pathOf(command.parent)} `}${command.name()}`;

describe("help", () => {
  it("has examples for every verb, and each example begins as its verb does", async () => {
    for (const command of everyCommand(await createProgram())) {
      let help = "";
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      const [, examples = ""] = help.split(/^Examples:$/m);
      expect(examples, pathOf(command)).toContain(`${pathOf(command)} `.trimEnd());
    }
  });
  it("tells how to install the completion", async () => {
    const { stdout } = await bench(["completion", "--help"]);
    for (const place of ["bash-completion/completions/bench", "_bench", "completions/bench.fish"])
      expect(stdout).toContain(place);
  });
});
