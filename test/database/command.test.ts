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

const QUIETLY = { BENCH_DATABASE_URL: "", ORM_SHOOTOUT_PROFILE: "test", NO_COLOR: "1" };
const CLI = fileURLToPath(new URL("../../bin/bench.cjs", import.meta.url));

async function bench(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  return await run(process.execPath, [CLI, ...args], { env: { ...process.env, ...QUIETLY, ...env } });
}

describe.skipIf((await embeddedObstacle()) !== null).concurrent("bench db", () => {
  test("can repeat up, status, url and down, and prints the password only in url", async () => {
    await using instance = newInstance();
    const line = (verb: string, ...more: string[]) => [
      "--verbose",
      "db",
      verb,
      "--db",
      "embedded",
      "--instance",
      instance.options.name,
      ...more,
    ];
    const db = (verb: string, ...more: string[]) => bench(line(verb, ...more));
    // A process starts the server, because it must outlive the process, and prints the URL. The others run in the process of the test.
    const again = (verb: string, ...more: string[]) => benchInProcess(line(verb, ...more), QUIETLY);
    const [before, firstUp, secondUp] = [await again("down"), await db("up"), await again("up")];
    expect([before.code, firstUp.exitCode, secondUp.code]).toEqual([0, 0, 0]);
    expect(before.stderr).toContain("is not running");
    expect(secondUp.stderr).toContain("is already running");

    const [status, url] = [await again("status", "--json"), await db("url")];
    const running: unknown = JSON.parse(status.stdout);
    expect(running).toMatchObject({ state: "running", provider: "embedded", stays: true, userPids: [], host: "127.0.0.1" });
    const password = (await readFile(join(instance.path, "password"), "utf8")).trim();
    expect(url).toMatchObject({ exitCode: 0, stderr: "" });
    expect(url.stdout).toMatch(/^mysql:\/\/bench:\S+@127\.0\.0\.1:\d+\/orm_shootout\n$/);
    expect(url.stdout).toContain(password);
    const asUrl = await benchInProcess(["db", "status", "--db", url.stdout.trim()], QUIETLY);
    expect(asUrl.stdout).toContain("not managed by bench");

    const processes = await run("ps", ["axww", "-o", "command="]);
    const serverLog = await readFile(join(instance.path, "mysqld.log"), "utf8");
    expect(processes.stdout).toContain(instance.path);
    const shown = [firstUp, secondUp, status, asUrl].map(({ stdout, stderr }) => stdout + stderr);
    for (const text of [processes.stdout, serverLog, ...shown]) expect(text).not.toContain(password);
    expect((await stat(join(instance.path, "password"))).mode & 0o777).toBe(0o600);
    expect((await stat(instance.path)).mode & 0o777).toBe(0o700);

    const [down, secondDown, stopped] = [await again("down"), await again("down"), await again("status", "--json")];
    expect([down.code, secondDown.code, stopped.code]).toEqual([0, 0, 0]);
    expect(stopped.stdout).toBe(`{"state":"stopped","instance":"${instance.options.name}"}\n`);
    expect(await again("url")).toMatchObject({ code: 1, stdout: "" });
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
