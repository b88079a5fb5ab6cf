/** Ways to pass a password that other users of the machine cannot read in the process list. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { targetUrl } from "../../lib/target.ts";
import { bench } from "../support/bench.ts";
import { openTestSchema } from "../support/database.ts";
import { benchInProcess } from "../support/in-process.ts";
import { benchOnTerminal, hasTerminals } from "../support/terminal.ts";

describe("a password that is not in the URL", () => {
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  let folder: string;
  let url: string;
  let password: string;
  beforeAll(async () => {
    schema = await openTestSchema("password");
    folder = await mkdtemp(join(tmpdir(), "password-"));
    password = schema.target.password;
    url = targetUrl(schema.target).replace(/:[^:@/]*@/, "@");
    await writeFile(join(folder, "right"), `${password}\n`);
    await writeFile(join(folder, "wrong"), "wrong\n");
    await chmod(join(folder, "right"), 0o600);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await schema[Symbol.asyncDispose]();
  });

  test.each([
    ["from a file", () => ({ args: ["--password-file", join(folder, "right")] }), 0],
    ["from a file that the environment names", () => ({ env: { BENCH_DATABASE_PASSWORD_FILE: join(folder, "right") } }), 0],
    ["from the environment", () => ({ env: { BENCH_DATABASE_PASSWORD: password } }), 0],
    [
      "from a file, before the environment",
      () => ({ args: ["--password-file", join(folder, "wrong")], env: { BENCH_DATABASE_PASSWORD: password } }),
      1,
    ],
    ["from nowhere, without a terminal", () => ({}), 1],
  ])("is read %s and never printed", async (_, given, code) => {
    const { args = [], env = {} }: { args?: string[]; env?: NodeJS.ProcessEnv } = given();
    const result = await benchInProcess(["--verbose", "db", "up", "--db", url, ...args], env);
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toMatch(code === 0 ? /answers/ : /ACCESS_DENIED: .*\n.*--password-file/);
    expect(result.stderr).not.toContain(password);
  });

  test("is not in the environment and arguments of the measured processes", async () => {
    const plugIn = join(folder, "dumps.ts");
    const dump = join(folder, "dump.json");
    await writeFile(
      plugIn,
      `import { writeFileSync } from "node:fs";
       export const strategy = { id: "dumps", summary: "", requires: [], usesChunks: false, splitsByUsers: true,
         async run() {
           writeFileSync(${JSON.stringify(dump)}, JSON.stringify([Object.entries(process.env), process.argv, process.execArgv]));
           throw new Error("the dump is written");
         } };`,
    );
    const data = ["--users", "20", "--orders", "300", "--rounds", "1"];
    const result = await bench(["run", plugIn, "--orm", "mysql2", "--db", url, "--yes", "--out", join(folder, "out"), ...data], {
      env: { BENCH_DATABASE_PASSWORD: password },
    });
    expect(result).toMatchObject({ code: 1, stdout: expect.stringMatching(/the dump is written/) });
    expect(result.stdout + result.stderr).not.toContain(password);
    const seen = await readFile(dump, "utf8");
    expect(seen).toMatch(/PATH/);
    expect(seen).not.toMatch(/BENCH_DATABASE_/);
    expect(seen).not.toContain(password);
  });

  describe.skipIf(!hasTerminals)("on a terminal", () => {
    test.each([
      ["the right one", () => `${password}\r`, 0, /answers/],
      ["a wrong one", () => "hunter2\r", 1, /ACCESS_DENIED/],
      ["Ctrl-C", () => "hun\u0003", 130, /INTERRUPTED/],
      ["the end of input", () => "\u0004", 130, /INTERRUPTED/],
    ])("is requested and not shown: %s", async (_, answer, code, said) => {
      const result = await benchOnTerminal(["db", "up", "--db", url], [[/Password of \S+: $/, answer()]]);
      expect(result.shown).toMatch(/Password of \w+@127\.0\.0\.1: /);
      expect(result.shown).toMatch(said);
      expect(result.code).toBe(code);
      expect(result.shown).not.toMatch(/hun/);
      expect(result.shown).not.toContain(password);
    });

    test("is not requested if another argument is invalid", async () => {
      const result = await benchOnTerminal(["run", "nave", "--db", url], []);
      expect(result).toMatchObject({ code: 2, shown: expect.not.stringMatching(/Password of/) });
    });
  });
});
