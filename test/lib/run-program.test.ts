import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identifyProcess } from "../../harness/database/processes.ts";
import { lastLines, outputOf, run, runPiped } from "../../lib/run-program.ts";

const NODE = process.execPath;
const FOREVER = "setInterval(() => {}, 1e6)";

describe("a program that is run to its end", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-programs-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("returns exit code and output as they are", async () => {
    const code = "process.stdout.write('out\\n'); process.stderr.write('err\\n'); process.exitCode = 3";
    expect(await run(NODE, ["-e", code])).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
  });
  it("gets the environment and the folder that it is given, and nothing to read", async () => {
    const code = "process.stdin.on('end', () => console.log(process.env.A, process.env.HOME, process.cwd())).resume()";
    const { stdout } = await run(NODE, ["-e", code], { env: { A: "b" }, cwd: folder });
    expect(stdout).toBe(`b undefined ${folder}\n`);
  });
  it("has no exit code where there is no such program, or a timeout ends it", async () => {
    // EACCES: PATH has a folder that this user cannot read
    expect(await run("no-such-program", [])).toMatchObject({ exitCode: null, stderr: expect.stringMatching(/ENOENT|EACCES/) });
    expect(await run(NODE, ["-e", FOREVER], { timeoutMs: 1 })).toEqual({
      exitCode: null,
      stdout: "",
      stderr: "ended by a timeout",
    });
  });
  it("ends when the signal is aborted", async () => {
    const controller = new AbortController();
    const code = `console.log("up"); ${FOREVER}`;
    const ended = run(NODE, ["-e", code], { signal: controller.signal, onOutput: () => controller.abort() });
    expect(await ended).toMatchObject({ exitCode: null, stdout: "up\n", stderr: expect.stringMatching(/SIGTERM|aborted/) });
  });
  it("passes the output on in pieces as they come", async () => {
    const pieces: string[] = [];
    await run(NODE, ["-e", "console.log('가'); console.log('b')"], { onOutput: (text) => pieces.push(text) });
    expect(pieces.join("")).toBe("가\nb\n");
  });
  it("ends with the process that started it", async () => {
    const started = join(folder, "started");
    const child = `require("fs").writeFileSync(${JSON.stringify(started)}, String(process.pid)); ${FOREVER}`;
    const parent = `
      import { existsSync } from "node:fs";
      import { run } from ${JSON.stringify(new URL("../../lib/run-program.ts", import.meta.url).href)};
      void run(process.execPath, ["-e", ${JSON.stringify(child)}]);
      setInterval(() => existsSync(${JSON.stringify(started)}) && process.exit(), 10);`;
    await run(NODE, ["--input-type=module", "-e", parent]);
    const pid = Number(await readFile(started, "utf8"));
    await expect.poll(() => identifyProcess(pid), { timeout: 10_000 }).toBeNull();
  });
});

describe("a program that must succeed", () => {
  it("returns its output", async () => {
    expect(await outputOf(NODE, ["-p", "1"])).toBe("1\n");
  });
  it("fails with the program's own words", async () => {
    const code = "console.error('fatal: not a repository'); process.exitCode = 128";
    await expect(outputOf(NODE, ["-e", code])).rejects.toThrow(/^fatal: not a repository$/);
    await expect(outputOf(NODE, ["-e", "process.exitCode = 2"])).rejects.toThrow("ended with exit code 2");
  });
});

describe("a program that reads another one's output", () => {
  it("gets all of it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-pipe-"));
    const file = join(folder, "bytes");
    const [from, to] = await runPiped(
      [NODE, ["-e", "process.stdout.write(Buffer.alloc(3e6, 7))"]],
      [NODE, ["-e", `process.stdin.pipe(require("fs").createWriteStream(${JSON.stringify(file)}))`]],
    );
    expect([from.exitCode, to.exitCode]).toEqual([0, 0]);
    expect((await readFile(file)).equals(Buffer.alloc(3_000_000, 7))).toBe(true);
    await rm(folder, { recursive: true });
  });
  it("says which of the two failed, and why", async () => {
    const failing = [NODE, ["-e", "console.error('no'); process.exitCode = 4"]] as const;
    const reading = [NODE, ["-e", "process.stdin.resume()"]] as const;
    expect(await runPiped(failing, reading)).toMatchObject([{ exitCode: 4, stderr: "no\n" }, { exitCode: 0 }]);
    expect(await runPiped([NODE, ["-e", "console.log(1)"]], failing)).toMatchObject([{}, { exitCode: 4, stderr: "no\n" }]);
    expect(await runPiped(["no-such-program", []], reading)).toMatchObject([{ exitCode: null }, { exitCode: 0 }]);
  });
});

it("keeps the last lines of an output for a message", () => {
  expect(lastLines("a\nb\nc\nd\n", 2)).toBe("c\nd");
});
