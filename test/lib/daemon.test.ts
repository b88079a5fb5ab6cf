import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Daemon, stopDaemon, type Stoppable } from "../../lib/daemon.ts";
import secretNames from "../../lib/secret-names.json" with { type: "json" };
import { until } from "../api/service.ts";

const NODE = process.execPath;
const FOREVER = "setInterval(() => {}, 1e6)";
const DEAF = `process.on("SIGTERM", () => console.log("no")); ${FOREVER}; console.log("up")`;
const SOON = { graceMs: 200 };
const LATE = { graceMs: 20_000 };

const stoppable = (daemon: Daemon): Stoppable => ({
  kill: (signal) => daemon.kill(signal),
  hasEnded: () => daemon.hasEnded,
});

describe("a daemon", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-daemon-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function start(code: string, log: string, endsWithParent = true): Promise<Daemon> {
    return await Daemon.start(NODE, ["-e", code], { log: join(folder, log), endsWithParent });
  }
  const says = (log: string, text: string): Promise<unknown> =>
    until(text, async () => (await readFile(join(folder, log), "utf8")).includes(text));

  it.each([true, false])("gets no secret, and adds its output to its log (ends with its parent: %s)", async (endsWithParent) => {
    const log = `environment-${endsWithParent}`;
    await writeFile(join(folder, log), "earlier\n");
    for (const name of secretNames) process.env[name] = "secret";
    try {
      const daemon = await start("console.log(JSON.stringify(process.env)); console.error('error')", log, endsWithParent);
      expect(await daemon.ended).toBe("exit code 0");
      expect(daemon.hasEnded).toBe(true);
    } finally {
      for (const name of secretNames) delete process.env[name];
    }
    const text = await readFile(join(folder, log), "utf8");
    expect(text).toMatch(/^earlier\n\{.*"PATH".*\}\nerror\n$/);
    for (const name of secretNames) expect(text).not.toContain(name);
  });

  it("is a separate session", async () => {
    const daemon = await start(`${FOREVER}; console.log("up")`, "session");
    await says("session", "up");
    const stat = await readFile(`/proc/${daemon.pid}/stat`, "utf8").catch(() => null);
    const [, , , session] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
    if (stat !== null) expect(session).toBe(String(daemon.pid));
    expect(await stopDaemon(stoppable(daemon), [{ signal: "SIGTERM", ...LATE }])).toBe(true);
    expect(await daemon.ended).toBe("SIGTERM");
  });

  it("that does not exist has no pid, and the reason is its end", async () => {
    const daemon = await Daemon.start(join(folder, "no-such-program"), [], { endsWithParent: false });
    expect(daemon.pid).toBeNull();
    expect(await daemon.ended).toContain("ENOENT");
  });

  it("that ignores a signal gets the next one after the grace, and none after its end", async () => {
    const daemon = await start(DEAF, "deaf");
    await says("deaf", "up");
    expect(await stopDaemon(stoppable(daemon), [{ signal: "SIGTERM", ...SOON }])).toBe(false);
    expect(daemon.hasEnded).toBe(false);
    const steps = [
      { signal: "SIGTERM", ...SOON },
      { signal: "SIGKILL", ...LATE },
      { signal: "SIGHUP", ...LATE },
    ] as const;
    expect(await stopDaemon(stoppable(daemon), steps)).toBe(true);
    expect(await daemon.ended).toBe("SIGKILL");
  });
});
