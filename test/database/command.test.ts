/** `bench db` from the command line, and the server's command line as all users of the machine see it. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { templatePath } from "../../harness/database/data-folder.ts";
import { serversFolder } from "../../harness/database/home.ts";
import { readPrefix } from "../../harness/database/embedded/prefix.ts";
import { ensureEmbeddedBinary } from "../../harness/database/providers/embedded.ts";
import { silentLog } from "../../lib/log.ts";
import { run, type Finished } from "../../lib/run-program.ts";
import { embeddedObstacle, newInstance } from "../support/instances.ts";
import { benchInProcess } from "../support/in-process.ts";
import { isFull } from "../support/full.ts";

const CLI = fileURLToPath(new URL("../../bin/bench.cjs", import.meta.url));

async function bench(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  const quietly = { ...process.env, BENCH_DATABASE_URL: "", ORM_SHOOTOUT_PROFILE: "test", NO_COLOR: "1", ...env };
  return await run(process.execPath, [CLI, ...args], { env: quietly });
}

describe.skipIf((await embeddedObstacle()) !== null).concurrent("bench db", () => {
  test("can repeat up, status, url and down, and prints the password only in url", async () => {
    await using instance = newInstance();
    const db = (verb: string, ...more: string[]) =>
      bench(["--verbose", "db", verb, "--db", "embedded", "--instance", instance.options.name, ...more]);
    const [before, firstUp, secondUp] = [await db("down"), await db("up"), await db("up")];
    expect([before.exitCode, firstUp.exitCode, secondUp.exitCode]).toEqual([0, 0, 0]);
    expect(before.stderr).toContain("is not running");
    expect(secondUp.stderr).toContain("is already running");

    const [status, url] = [await db("status", "--json"), await db("url")];
    const running: unknown = JSON.parse(status.stdout);
    expect(running).toMatchObject({ state: "running", provider: "embedded", stays: true, userPids: [], host: "127.0.0.1" });
    const password = (await readFile(join(instance.path, "password"), "utf8")).trim();
    expect(url).toMatchObject({ exitCode: 0, stderr: "" });
    expect(url.stdout).toMatch(/^mysql:\/\/bench:\S+@127\.0\.0\.1:\d+\/orm_shootout\n$/);
    expect(url.stdout).toContain(password);
    const asUrl = await bench(["db", "status", "--db", url.stdout.trim()]);
    expect(asUrl.stdout).toContain("not managed by bench");

    const processes = await run("ps", ["axww", "-o", "command="]);
    const serverLog = await readFile(join(instance.path, "mysqld.log"), "utf8");
    expect(processes.stdout).toContain(instance.path);
    const shown = [firstUp, secondUp, status, asUrl].map(({ stdout, stderr }) => stdout + stderr);
    for (const text of [processes.stdout, serverLog, ...shown]) expect(text).not.toContain(password);
    expect((await stat(join(instance.path, "password"))).mode & 0o777).toBe(0o600);
    expect((await stat(instance.path)).mode & 0o777).toBe(0o700);

    const [down, again, stopped] = [await db("down"), await db("down"), await db("status", "--json")];
    expect([down.exitCode, again.exitCode, stopped.exitCode]).toEqual([0, 0, 0]);
    expect(stopped.stdout).toBe(`{"state":"stopped","instance":"${instance.options.name}"}\n`);
    expect(await db("url")).toMatchObject({ exitCode: 1, stdout: "" });
  });

  test.runIf(isFull)("runs a mysqld on PATH privately", async () => {
    await using instance = newInstance();
    const embedded = await ensureEmbeddedBinary(silentLog);
    const prefix = await readPrefix(join(serversFolder(), "embedded"));
    if (prefix === null) throw new Error("no server binary for PATH");
    const folder = await mkdtemp(join(tmpdir(), "path-"));
    let template: string | undefined;
    try {
      await mkdir(join(folder, "bin"));
      for (const name of ["share", "lib"]) await symlink(join(prefix.root, "usr", name), join(folder, name));
      const wrapper = `#!/bin/sh\nexec "${prefix.loader}" --library-path "${prefix.libraryPath}" "${prefix.mysqld}" "$@"\n`;
      await writeFile(join(folder, "bin/mysqld"), wrapper);
      const command = join(await realpath(folder), "bin/mysqld");
      await chmod(command, 0o755);
      // a copy replaces `mysqld --initialize`, which takes 8 s of processor time; test/database/recovery.test.ts initialises
      const own = { command, leadingArguments: [], installArguments: [], version: prefix.version, manifest: null };
      template = templatePath(own);
      if (existsSync(templatePath(embedded))) await cp(templatePath(embedded), template, { recursive: true });
      const path = { PATH: [join(folder, "bin"), process.env["PATH"] ?? ""].join(delimiter) };
      const db = (verb: string, ...more: string[]) =>
        bench(["db", verb, "--db", "local", "--instance", instance.options.name, ...more], path);
      expect((await db("up")).stderr).toContain("(local, ");
      const running: unknown = JSON.parse((await db("status", "--json")).stdout);
      expect(running).toMatchObject({ state: "running", provider: "local", version: prefix.version });
      expect((await db("down")).stderr).toContain("(local) stopped");
    } finally {
      for (const path of [folder, template ?? folder]) await rm(path, { recursive: true, force: true });
    }
  });
});

describe("bench db", () => {
  test.each([
    [["--db", "dokcer"], 2, "BAD_OPTION"],
    [["--db", "postgres://u:p@h/s"], 2, "BAD_DATABASE_URL"],
    [["--instance", "../etc"], 2, "BAD_OPTION"],
    [["--db", "mysql://u:p@127.0.0.1:1/s"], 1, "CONNECT_REFUSED"],
  ])("refuses %j with exit code %i and %s", async (args, exitCode, code) => {
    const result = await benchInProcess(["db", "up", ...args], { BENCH_DATABASE_URL: "" });
    expect(result).toMatchObject({ code: exitCode, stdout: "" });
    expect(result.stderr).toContain(`error ${code}:`);
    expect(result.stderr).toContain("fix:");
  });

  test("prints help with examples", async () => {
    const help = await benchInProcess(["db", "--help"]);
    expect(help).toMatchObject({ code: 0 });
    expect(help.stdout).toContain("bench db up --db embedded");
  });
});
