import type { Argument, Command, Option } from "commander";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { valuesOf } from "../../harness/commands/values.ts";
import { complete, type Completion } from "../../harness/completion/resolve.ts";
import { createProgram } from "../../harness/program.ts";
import { BIN } from "../support/bench.ts";
import { benchInProcess } from "../support/in-process.ts";

const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)];
const pathOf = (command: Command): string => `${command.parent === null ? "" : `${pathOf(command.parent)} `}${command.name()}`;

/** @param typed the words after `bench`, up to the cursor */
const completion = async (typed: string): Promise<Completion> => {
  const words = typed.split(" ");
  return complete(await createProgram(words.slice(0, -1)), words);
};
const offered = async (typed: string): Promise<string[]> => (await completion(typed)).candidates.map(({ word }) => word);

describe("bench completion", () => {
  it.each<readonly [typed: string, offered: readonly string[]]>([
    ["r", ["recommend", "report", "reproduce", "run"]],
    ["compl", ["completion"]],
    ["db ", ["up", "down", "status", "url", "grants"]],
    ["db status --js", ["--json"]],
    ["run --dry", ["--dry-run"]],
    ["run -", expect.arrayContaining(["--orm", "-y", "--help", "--quiet"]) as string[]],
    ["run naive-", ["naive-transaction"]],
    ["run naive --orm mysql2 case", ["case-when"]],
    ["run --yes chunk", ["chunked"]],
    ["run --orm prism", ["prisma"]],
    ["run --orm=prism", ["prisma"]],
    ["run --orm prisma,dri", ["prisma,drizzle"]],
    ["run --orm drizzle,prisma,m", ["drizzle,prisma,mariadb", "drizzle,prisma,mikro-orm", "drizzle,prisma,mysql2"]],
    ["run --key uuidv7,", ["uuidv7,identity", "uuidv7,uuidv4", "uuidv7,uuidv4-text", "uuidv7,uuidv7-text"]],
    ["run --track m", ["matched"]],
    ["run --isolation read-c", ["read-committed"]],
    ["run --durability ", ["default", "relaxed"]],
    ["run --db em", ["embedded"]],
    ["--quiet run --suite q", ["quick"]],
    ["api run --guard none,db", ["none,db-flag"]],
    ["api run --batch-style l", ["long"]],
    ["api serve --guard memory", ["memory-flag"]],
    ["api cluster ", ["scale", "kill", "pause", "resume", "down", "logs", "status", "up"]],
    ["api cluster up --partitioning r", ["rendezvous"]],
    ["api cluster logs n", ["nginx"]],
    ["compare x --base or", ["orm="]],
    ["compare x --format ", ["table", "md", "json"]],
    ["list or", ["orms"]],
    ["list orms p", []],
    ["show chunked/pr", ["chunked/prisma"]],
    ["show chunked --orm driz", ["drizzle"]],
    ["completion z", ["zsh"]],
    ["micro ke", ["keys"]],
    ["trace naive/mik", ["naive/mikro-orm"]],
    ["run --rounds ", []],
    ["run --no-such-option=", []],
    ["no-such-verb ", []],
  ])("completes bench %s", async (typed, words) => {
    expect(await offered(typed)).toEqual(words);
  });

  it("leaves paths to the shell when the word may be a path and no name has this prefix", async () => {
    expect(await completion("run ./my")).toEqual({ candidates: [], kind: "files" });
    expect(await completion("db up --tls-ca ")).toEqual({ candidates: [], kind: "files" });
    expect(await completion("report ")).toEqual({ candidates: [], kind: "folders" });
    expect(await completion("run --out re")).toEqual({ candidates: [], kind: "folders" });
    expect((await completion("run chu")).kind).toBe("names");
    expect((await completion("run --rounds ")).kind).toBe("names");
  });

  it("adds no space after a name when a comma may follow", async () => {
    expect((await completion("run --orm pri")).kind).toBe("list");
    expect((await completion("run --suite qui")).kind).toBe("names");
  });

  it("offers each verb and each option of the program, with their descriptions", async () => {
    for (const command of everyCommand(await createProgram())) {
      const typed = pathOf(command).split(" ").slice(1);
      const verbs = command
        .createHelp()
        .visibleCommands(command)
        .filter((below) => command.commands.includes(below));
      if (verbs.length > 0)
        expect((await completion([...typed, ""].join(" "))).candidates, pathOf(command)).toEqual(
          verbs.map((verb) => ({ word: verb.name(), description: verb.description() })),
        );
      expect(await offered([...typed, "--"].join(" ")), pathOf(command)).toEqual(
        expect.arrayContaining([...command.options.map(({ long }) => long), "--help", "--quiet"]),
      );
    }
  });
});

/** The placeholders of free values: numbers, times, texts of the user. */
const FREE = new Set([
  ..."<n> <factor> <size> <users> <ms> <time> <times> <share> <fraction> <percent> <percent:n> <conditions> <text> <name> <host> <address> <ref>".split(
    " ",
  ),
  // from the hidden verb that completion itself runs
  "[words...]",
]);

interface Declared {
  readonly name: string;
  readonly placeholder: string;
  readonly option: Option | Argument;
  /** the words before the value */
  readonly before: string;
}

function declaredOf(command: Command): Declared[] {
  const path = pathOf(command).split(" ").slice(1).join(" ");
  const prefix = path === "" ? "" : `${path} `;
  return [
    ...command.options
      .filter(({ required, optional }) => required || optional)
      .map((option) => ({
        name: `${pathOf(command)} ${option.long}`,
        placeholder: /[<[].*$/.exec(option.flags)?.[0] ?? "",
        option,
        before: `${prefix}${option.long} `,
      })),
    ...command.registeredArguments.map((argument, index) => {
      const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
      const placeholder = argument.required ? `<${name}>` : `[${name}]`;
      return { name: `${pathOf(command)} ${placeholder}`, placeholder, option: argument, before: prefix + "x ".repeat(index) };
    }),
  ];
}

describe("every option and argument that takes a value", () => {
  let declared: Declared[];
  beforeAll(async () => {
    declared = everyCommand(await createProgram()).flatMap(declaredOf);
  });

  it("declares its values in its parser, where completion finds them", () => {
    expect(declared.filter(({ option }) => valuesOf(option) === null).map(({ name }) => name)).toEqual([]);
  });

  it("offers names or paths, unless its placeholder marks a free value", () => {
    const empty = declared.filter(({ option }) => {
      const values = valuesOf(option);
      return values?.paths === "none" && values.names.length === 0 && typeof values.names !== "function";
    });
    expect(empty.filter(({ placeholder }) => !FREE.has(placeholder)).map(({ name }) => name)).toEqual([]);
  });

  it("offers each name that its parser declares", async () => {
    const named = declared.filter(
      ({ option }) => valuesOf(option)?.names.length !== 0 || typeof valuesOf(option)?.names === "function",
    );
    expect(named.length).toBeGreaterThan(30);
    for (const { name, option, before } of named) {
      const { names = [] } = valuesOf(option) ?? {};
      const words = typeof names === "function" ? await names() : names;
      expect(words.length, name).toBeGreaterThan(0);
      expect(await offered(before), name).toEqual(words);
    }
  });

  it("accepts each name that it offers", async () => {
    for (const { name, option } of declared) {
      const { names = [] } = valuesOf(option) ?? {};
      for (const word of typeof names === "function" ? await names() : names)
        expect(() => option.parseArg?.(word, undefined), `${name} ${word}`).not.toThrow();
    }
  });
});

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];
const FLAGS: Readonly<Record<Shell, readonly string[]>> = { bash: ["--norc"], zsh: ["-f"], fish: ["--no-config"] };

/** Replaces the functions of zsh's completion system: each prints its arguments. */
const ZSH_SYSTEM = `compdef() { : }; compset() { print -r -- compset "$@" }
  _describe() { print -r -- "\${@[3,-1]}"; print -rl -- \${(P)2} }; _files() { print -r -- files "$@" }`;

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(" ");

/** Shell code that completes as the shell itself does, and prints the offered words. */
const COMPLETE: Readonly<Record<Shell, (typed: string) => string>> = {
  // bash splits words at `=`, `:` and `@`; its replies follow the last of them, and replace an @
  bash: (typed) => {
    const words = typed.split(/ |([=:@])/).filter((word) => word !== undefined);
    return `COMP_WORDS=(${quoted(words)}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      "$(complete -p ${words[0]} | sed 's/.*-F \\([^ ]*\\).*/\\1/')" ${words[0]}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  },
  zsh: (typed) => {
    const words = typed.split(" ");
    return `words=(${quoted(words)}); CURRENT=${words.length}; PREFIX='${words.at(-1)}'; _bench`;
  },
  fish: (typed) => `complete -C '${typed}'`,
};

describe("the script of bench completion", () => {
  let folder: string;
  const scripts = {} as Record<Shell, string>;
  const program = async (name: string, code: string): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), `#!/bin/sh\n${code}\n`, { mode: 0o755 });
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-completion-"));
    await program("real/bench", `exec '${process.execPath}' '${BIN}' "$@"`);
    for (const name of ["bench", "orm-shootout"]) await program(`fake/${name}`, `printf '%s\\n' "$@" > requested; cat reply`);
    await writeFile(join(folder, "my way.ts"), "");
    await mkdir(join(folder, "my runs"));
    for (const shell of SHELLS) {
      const { code, stdout, stderr } = await benchInProcess(["completion", shell]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      scripts[shell] = join(folder, `script.${shell}`);
      await writeFile(scripts[shell], stdout);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** @param which the program that the script calls @returns the lines that the shell prints */
  function offer(shell: Shell, typed: string, which: "real" | "fake"): string[] {
    const code = [shell === "zsh" ? ZSH_SYSTEM : "", `source '${scripts[shell]}'`, COMPLETE[shell](typed)].join("\n");
    const { stdout, stderr } = spawnSync(shell, [...FLAGS[shell], "-c", code], {
      encoding: "utf8",
      cwd: folder,
      env: { ...process.env, PATH: [join(folder, which), process.env["PATH"]].join(delimiter) },
    });
    expect(stderr).toBe("");
    // some versions of fish add a description to folders
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.replace(/\/\t.*$/, "/"));
  }

  describe.each(SHELLS)("for %s", (shell) => {
    const inShell = it.skipIf(!has(shell));
    const files = { bash: ["my way.ts", "my runs"], zsh: ["files"], fish: ["my runs/", "my way.ts"] }[shell];
    const folders = { bash: ["my runs"], zsh: ["files -/"], fish: ["my runs/"] }[shell];
    const word = (name: string, description = ""): string =>
      ({ bash: name, zsh: `${name}:${description}`, fish: description === "" ? name : `${name}\t${description}` })[shell];
    const behindFlag = (flag: string, values: readonly string[]): string[] =>
      ({ bash: values, zsh: ["compset -P *=", ...values], fish: values.map((value) => flag + value) })[shell].slice();

    /** @param typed the shell completes its last word */
    async function expectOffer(typed: string, reply: string, offered: readonly string[], requested = typed): Promise<void> {
      await writeFile(join(folder, "reply"), reply);
      const found = offer(shell, typed, "fake");
      expect(new Set(found)).toEqual(new Set(offered));
      expect((await readFile(join(folder, "requested"), "utf8")).split("\n").slice(0, -1)).toEqual([
        "complete",
        "--",
        ...requested.split(" ").slice(1),
      ]);
    }

    inShell("offers the words of bench, with descriptions if the shell shows them", async () => {
      await expectOffer("bench r", "names\nreport\trenders: again\nrun\tmeasures\n", [
        word("report", shell === "zsh" ? "renders\\: again" : "renders: again"),
        word("run", "measures"),
      ]);
      await expectOffer("bench ", "names\nrun\t\n", [word("run")]);
      await expectOffer("orm-shootout api s", "names\nserve\t\n", [word("serve")]);
    });
    inShell("offers names after a comma, an @ and an =", async () => {
      const list = shell === "zsh" ? ["-S "] : [];
      await expectOffer("bench run --orm prisma,dri", "list\nprisma,drizzle\t\n", [...list, word("prisma,drizzle")]);
      const versioned = shell === "bash" ? "@7.9.1,drizzle" : word("prisma@7.9.1,drizzle");
      await expectOffer("bench run --orm prisma@7.9.1,dri", "list\nprisma@7.9.1,drizzle\t\n", [...list, versioned]);
      await expectOffer("bench run --suite=qui", "names\nquick\t\n", behindFlag("--suite=", [word("quick")]));
    });
    inShell("offers paths when the word may be a path", async () => {
      await expectOffer("bench run my", "files\n", files);
      await expectOffer("bench run --tls-ca=my", "files\n", behindFlag("--tls-ca=", files));
      await expectOffer("bench report my", "folders\n", folders);
    });
    inShell("offers nothing when bench offers nothing", async () => {
      await expectOffer("bench run --rounds 5", "names\n", []);
      await expectOffer("bench no-such-verb x", "", []);
    });
    inShell("runs no command substitution in the typed line", async () => {
      await writeFile(join(folder, "reply"), "names\nquick\t\n");
      offer(shell, shell === "fish" ? "bench run (touch ran) --suite qui" : "bench run $(touch${IFS}ran) --suite qui", "fake");
      expect(existsSync(join(folder, "ran"))).toBe(false);
    });
    inShell("calls the real bench", () => {
      expect(offer(shell, "bench list or", "real")).toEqual([word("orms")]);
    });
  });

  it("is refused for an unknown shell", async () => {
    expect(await benchInProcess(["completion", "csh"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/"csh" is not one of bash, zsh, fish/),
    });
  });
});

describe("the help of every verb", () => {
  it("has examples, and each example begins with its verb", async () => {
    for (const command of everyCommand(await createProgram())) {
      let help = "";
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      const [, examples = ""] = help.split(/^Examples:$/m);
      expect(examples, pathOf(command)).toContain(`${pathOf(command)} `.trimEnd());
    }
  });
  it("explains how to install the completion", async () => {
    const { stdout } = await benchInProcess(["completion", "--help"]);
    for (const place of ["bash-completion/completions/bench", "_bench", "completions/bench.fish"])
      expect(stdout).toContain(place);
  });
});
