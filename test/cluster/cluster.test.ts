/** `bench api cluster` as a user runs it: processes, commands on a running cluster, and its end in every way. */
import { isFull, variants } from "../support/full.ts";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findCluster } from "../../harness/cluster/files.ts";
import type { ClusterStatus, InstanceStatus } from "../../harness/cluster/status.ts";
import { clusterFolder } from "../../harness/database/home.ts";
import { childrenOf, identifyProcess, isAlive, type ProcessIdentity } from "../../harness/database/processes.ts";
import { endsWithParent } from "../../lib/end-with-parent.ts";
import { targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import { connect, execute } from "../../lib/connection.ts";
import { until } from "../api/service.ts";
import { bench, startBench, type Finished, type Running } from "../support/bench.ts";
import { openTestSchema } from "../support/database.ts";
import { benchInProcess } from "../support/in-process.ts";
import { streamRequests } from "./stream.ts";

const TINY = ["--users", "30", "--orders", "600"];
const FAST = ["--heartbeat", "200ms", "--lease", "1s", "--poll", "50ms"];

let schema: { readonly target: ConnectionTarget } & AsyncDisposable;
let databaseArgs: readonly string[];
beforeAll(async () => {
  schema = await openTestSchema("cluster");
  databaseArgs = ["--db", targetUrl(schema.target)];
  const { code, stderr } = await bench(["api", "setup", ...TINY, ...databaseArgs, "--yes"]);
  expect(code, stderr).toBe(0);
});
const names: string[] = [];
afterAll(async () => {
  for (const name of names) {
    // of a test that failed
    if ((await findCluster(name)) !== null) await bench(["api", "cluster", "down", "--name", name]);
    await rm(clusterFolder(name), { recursive: true, force: true });
  }
  const admin = await connect(schema.target, { withSchema: false });
  await execute(admin, `DROP DATABASE IF EXISTS \`${schema.target.schema}_api\``);
  await admin.end();
  await schema[Symbol.asyncDispose]();
});

interface TestCluster extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  /** the lines that `up` printed */
  readonly printed: readonly string[];
  /** `up` itself, if it stays in the foreground */
  readonly up: Running | null;
  run(...args: readonly string[]): Promise<Finished>;
  status(): Promise<ClusterStatus>;
}

const newName = (): string => {
  const name = `test-${randomUUID().slice(0, 8)}`;
  names.push(name);
  return name;
};

function clusterOf(name: string, printed: readonly string[], up: Running | null): TestCluster {
  const [url = ""] = printed;
  const [, token = ""] = /^administration token: (\S+)$/m.exec(printed.join("\n")) ?? [];
  const run = (...args: readonly string[]): Promise<Finished> => benchInProcess(["api", "cluster", ...args, "--name", name]);
  return {
    name,
    url,
    token,
    printed,
    up,
    run,
    async status() {
      const { stdout, stderr, code } = await run("status", "--json");
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as ClusterStatus;
    },
    async [Symbol.asyncDispose]() {
      if ((await findCluster(name)) !== null) await run("down");
      await up?.finished;
    },
  };
}

async function startCluster(args: readonly string[] = []): Promise<TestCluster> {
  const name = newName();
  const up = startBench(["api", "cluster", "up", "--name", name, "--port", "0", ...FAST, ...databaseArgs, ...args]);
  let printed = "";
  up.process.stdout?.on("data", (chunk: string) => (printed += chunk));
  await until("three requests to try", async () => {
    if (up.process.exitCode !== null) throw new Error((await up.finished).stderr);
    return printed.split("\n").filter((line) => line.startsWith("curl ")).length === 3 && printed.endsWith("\n");
  });
  return clusterOf(name, printed.trim().split("\n"), up);
}

async function startDetached(): Promise<TestCluster> {
  const name = newName();
  const args = ["--name", name, "--port", "0", "--instances", "2", "--detach", ...FAST, ...databaseArgs];
  const { code, stdout, stderr } = await bench(["api", "cluster", "up", ...args]);
  expect(code, stderr).toBe(0);
  return clusterOf(name, stdout.trim().split("\n"), null);
}

const instance = ({ instances }: ClusterStatus, number: number): InstanceStatus | undefined =>
  instances.find((each) => each.number === number);

/** The processes of a cluster: supervisor, instances, nginx with its workers. */
async function processesOf(cluster: TestCluster): Promise<ProcessIdentity[]> {
  const { supervisor } = (await findCluster(cluster.name)) ?? expect.fail("no supervisor");
  const direct = await childrenOf(supervisor.pid);
  const below = await Promise.all(direct.map((pid) => childrenOf(pid)));
  const found = await Promise.all([supervisor.pid, ...direct, ...below.flat()].map((pid) => identifyProcess(pid)));
  return found.filter((each) => each !== null);
}

const allEnded = async (processes: readonly ProcessIdentity[]): Promise<boolean> =>
  (await Promise.all(processes.map((each) => isAlive(each)))).every((alive) => !alive);

async function runLine(line: string): Promise<string> {
  const shell = spawn("bash", ["-c", line], { stdio: ["ignore", "pipe", "ignore"] });
  return await text(shell.stdout);
}

describe("a cluster in the foreground", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startCluster(["--instances", "2"]);
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  it("prints URL, token and three requests that work", async () => {
    const [url, token, ...lines] = cluster.printed;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(token).toMatch(/^administration token: \S{20,}$/);
    expect(lines).toHaveLength(3);
    const [read = "", write = "", batch = ""] = lines;
    expect(await runLine(`${read} -s`)).toMatch(/^HTTP\/1\.1 200 [\s\S]*^X-Upstream: 127\.0\.0\.1:\d+\r$/m);
    expect(await runLine(`${write} -s -o /dev/null -w '%{http_code}'`)).toBe("201");
    expect(await runLine(`${batch} -s -o /dev/null -w '%{http_code}'`)).toBe("202");
    const status = await cluster.status();
    expect(status).toMatchObject({ name: cluster.name, url: cluster.url, batch: { targetDate: "2026-01-01" } });
    expect(status.instances.map(({ number, state, ready }) => ({ number, state, ready }))).toEqual([
      { number: 1, state: "running", ready: true },
      { number: 2, state: "running", ready: true },
    ]);
  });

  it("keeps token and password out of its arguments, environments and files", async () => {
    const secrets = [cluster.token, schema.target.password];
    const { supervisor } = (await findCluster(cluster.name)) ?? expect.fail("no supervisor");
    for (const pid of await childrenOf(supervisor.pid))
      for (const file of ["cmdline", "environ"])
        for (const secret of secrets) expect(await runLine(`cat /proc/${pid}/${file}`), file).not.toContain(secret);
    const folder = clusterFolder(cluster.name);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual(expect.arrayContaining(["state.json", "instance-1.log"]));
    for (const secret of secrets) expect(await runLine(`grep -rF '${secret}' '${folder}'`)).toBe("");
  });

  it("survives the pause and the death of an instance, and scales without a failed request", async () => {
    const [first, second] = (await cluster.status()).instances.map(({ pid }) => pid);

    expect((await cluster.run("pause", "1")).code).toBe(0);
    expect(instance(await cluster.status(), 1)).toMatchObject({ state: "paused", ready: null, pid: first });
    expect((await cluster.run("resume", "1")).code).toBe(0);
    expect(instance(await cluster.status(), 1)).toMatchObject({ state: "running", ready: true });

    expect((await cluster.run("kill", "2")).code).toBe(0);
    expect(instance(await cluster.status(), 2)).toMatchObject({ state: "dead", ready: null, pid: second });
    for (let count = 0; count < 6; count += 1) expect((await fetch(`${cluster.url}/users/1/membership`)).status).toBe(200);
    const again = await cluster.run("kill", "2");
    expect(again.stderr).toMatch(/BAD_OPTION: cannot kill instance 2: it is dead/);
    expect(again.code).toBe(2);
    expect((await cluster.run("scale", "--to", "2")).code).toBe(0);
    const replaced = await cluster.status();
    expect(replaced.instances.map(({ number, state }) => [number, state])).toEqual([
      [1, "running"],
      [2, "running"],
    ]);
    expect(instance(replaced, 2)?.pid).not.toBe(second);

    const stream = streamRequests(cluster.url, (count) =>
      count % 4 === 0
        ? {
            method: "POST",
            path: `/users/${(count % 30) + 1}/orders`,
            body: '{"categoryId":1,"amountWon":1000}',
            headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
          }
        : { method: "GET", path: `/users/${(count % 30) + 1}/membership` },
    );
    const further = async (): Promise<void> => {
      const goal = stream.answered() + 100;
      await until("100 further answers", async () => stream.answered() >= goal);
    };
    expect((await cluster.run("scale", "--to", "3")).code).toBe(0);
    await further();
    const grown = await cluster.status();
    expect(grown.instances.map(({ number, state }) => [number, state])).toEqual([
      [1, "running"],
      [2, "running"],
      [3, "running"],
    ]);
    expect((await cluster.run("scale", "--to", "2")).code).toBe(0);
    await further();
    const { statuses, errors } = await stream.stop();
    const shrunk = await cluster.status();
    expect(errors).toEqual([]);
    expect([...statuses.keys()].filter((code) => code >= 400)).toEqual([]);
    expect(shrunk.instances.map(({ number, pid }) => [number, pid])).toEqual([
      [1, first],
      [2, instance(replaced, 2)?.pid],
    ]);
  });

  it("ends everything in order after Ctrl-C", async () => {
    const processes = await processesOf(cluster);
    expect(processes.length).toBeGreaterThanOrEqual(5);
    cluster.up?.process.kill("SIGINT");
    const ended = (await cluster.up?.finished) ?? expect.fail("it runs in the foreground");
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).not.toContain(cluster.token);
    expect(await allEnded(processes)).toBe(true);
    expect(await findCluster(cluster.name)).toBeNull();
  });
});

describe("bench api cluster up", () => {
  it.runIf(isFull)("refuses a second cluster of the same name, and a setup of the data that it uses", async () => {
    await using cluster = await startCluster(["--instances", "1"]);
    const again = await bench(["api", "cluster", "up", "--name", cluster.name, "--port", "0", ...databaseArgs]);
    expect(again.stderr).toMatch(/CLUSTER_RUNNING: a cluster named test-\w+ already runs at http/);
    expect(again.stderr).toContain(`fix: end it with \`bench api cluster down --name ${cluster.name}\``);
    expect(again.code).toBe(1);
    const setup = await bench(["api", "setup", ...TINY, ...databaseArgs, "--replace", "--yes"]);
    expect(setup.stderr).toMatch(/SCHEMA_BUSY/);
    expect(setup.code).toBe(1);
    const { stderr } = await benchInProcess(["api", "cluster", "status", "--name", "test-none"]);
    expect(stderr).toContain(cluster.name);
  });

  it("looks for its port before it loads data", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const nowhere = ["--db", "mysql://nobody:secret@127.0.0.1:1/none"];
    const { code, stderr } = await benchInProcess(["api", "cluster", "up", "--name", newName(), "--port", `${port}`, ...nowhere]);
    server.close();
    expect(stderr).toMatch(/CANNOT_LISTEN: cannot listen on 127\.0\.0\.1:\d+/);
    expect(code).toBe(1);
  });

  const ways = variants([[], ["--detach"]], (more) => more.includes("--detach"));
  it.each(ways.map((more) => [more]))("exits 1 with CANNOT_LISTEN when the port is in use: %j", async (more) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const name = newName();
    const args = ["--name", name, "--port", `${port}`, "--instances", "1", ...databaseArgs, ...more];
    const { code, stderr } = await bench(["api", "cluster", "up", ...args]);
    server.close();
    expect(stderr).toMatch(/CANNOT_LISTEN: cannot listen on 127\.0\.0\.1:\d+/);
    expect(code).toBe(1);
    expect(await findCluster(name)).toBeNull();
  });

  it("exits 2 before it connects when an option is invalid", async () => {
    const nowhere = ["api", "cluster", "up", "--db", "mysql://nobody:secret@127.0.0.1:1/none"];
    for (const [args, said] of [
      [["--instances", "0"], /from 1 to 10/],
      [["--instances", "11"], /from 1 to 10/],
      [["--partitioning", "random"], /no partitioning is named "random"/],
      [["--guard", "memory-flg"], /did you mean memory-flag/],
      [["--name", "../other"], /"\.\.\/other" is not a valid cluster name/],
      [["--lease", "3s"], /lease of 3000 ms is shorter than two heartbeats of 2000 ms/],
      [["--origin-timing", "--lease", "60s"], /--origin-timing sets the heartbeat and the lease/],
    ] as const) {
      const { code, stderr } = await benchInProcess([...nowhere, ...args]);
      expect(stderr).toMatch(said);
      expect(code).toBe(2);
    }
  });

  it.skipIf(existsSync("/usr/sbin/nginx") || existsSync("/usr/local/sbin/nginx"))(
    "exits 1 with NO_NGINX and the ways to get one when the machine has none",
    async () => {
      const home = await mkdtemp(join(tmpdir(), "bench-home-"));
      const env = { PATH: home, ORM_SHOOTOUT_HOME: home };
      const { code, stderr } = await bench(["api", "cluster", "up", ...databaseArgs], { env });
      await rm(home, { recursive: true });
      expect(stderr).toMatch(
        /NO_NGINX: found no nginx on PATH and could not get one: .*\n {2}fix: install nginx \(apt-get install/,
      );
      expect(code).toBe(1);
    },
  );
});

describe("a running cluster", () => {
  it.runIf(isFull)("answers commands for an unknown instance or a wrong number with exit code 2", async () => {
    await using cluster = await startCluster(["--instances", "1"]);
    for (const verb of ["kill", "pause", "resume"]) {
      const { code, stderr } = await cluster.run(verb, "7");
      expect(stderr).toMatch(/UNKNOWN_NAME: no instance has the number 7\n.*use one of 1/);
      expect(code).toBe(2);
    }
    for (const args of [["kill", "two"], ["kill"], ["scale"], ["scale", "--to", "11"], ["scale", "--to", "0"], ["logs", "x"]])
      expect((await cluster.run(...args)).code, args.join(" ")).toBe(2);
    const log = await cluster.run("logs", "7");
    expect(log.stderr).toMatch(/no instance has the number 7/);
    expect(log.code).toBe(2);
    expect((await cluster.status()).instances).toHaveLength(1);
  });

  it("shows its logs and its status as text, and ends in order after `down`", async () => {
    await using cluster = await startCluster(["--instances", "1"]);
    await cluster.run("kill", "1");
    expect((await cluster.run("logs", "1")).stdout).toMatch(/listens on http:\/\/127[\s\S]*ended: SIGKILL/);
    expect((await cluster.run("logs", "nginx")).code).toBe(0);
    const { stdout } = await cluster.run("status");
    expect(stdout).toMatch(/^instance +state +ready +pid/m);
    expect(stdout).toMatch(/^1 +dead +- /m);
    const processes = await processesOf(cluster);
    const down = await cluster.run("down");
    expect(down.code, down.stderr).toBe(0);
    const ended = (await cluster.up?.finished) ?? expect.fail("it runs in the foreground");
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain("instance 1 ended: SIGKILL");
    expect(await allEnded(processes)).toBe(true);
    for (const args of [["down"], ["status"], ["scale", "--to", "2"], ["kill", "1"]]) {
      const { code, stderr } = await cluster.run(...args);
      expect(stderr).toMatch(/NO_CLUSTER: no cluster named test-/);
      expect(code, args.join(" ")).toBe(1);
    }
    expect((await cluster.run("logs", "nginx")).code).toBe(0);
  });

  it.runIf(isFull)("prints a line of JSON per second with `status --watch --json`, until Ctrl-C", async () => {
    await using cluster = await startCluster(["--instances", "1"]);
    const watching = startBench(["api", "cluster", "status", "--name", cluster.name, "--watch", "--json"]);
    let shown = "";
    watching.process.stdout?.on("data", (chunk: string) => (shown += chunk));
    const lines = await until("two lines", async () => {
      const complete = shown.split("\n").slice(0, -1);
      return complete.length >= 2 && complete;
    });
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ name: cluster.name, inboxDepth: 0 });
    watching.process.kill("SIGINT");
    expect((await watching.finished).code).toBe(0);
  });
});

describe("a detached cluster", () => {
  it.runIf(isFull)("stays after `up`, and `down` ends it", async () => {
    await using cluster = await startDetached();
    expect((await fetch(`${cluster.url}/readyz`)).status).toBe(200);
    expect((await cluster.status()).instances).toHaveLength(2);
    const processes = await processesOf(cluster);
    expect((await cluster.run("down")).code).toBe(0);
    expect(await allEnded(processes)).toBe(true);
    expect((await cluster.run("logs", "supervisor")).stdout).toContain("the cluster ended (down)");
  });

  it.skipIf(!endsWithParent())("ends with its supervisor after kill -9, also a paused instance and nginx", async () => {
    await using cluster = await startDetached();
    await cluster.run("pause", "1");
    const processes = await processesOf(cluster);
    expect(processes.length).toBeGreaterThanOrEqual(5);
    const [supervisor] = processes;
    process.kill(supervisor?.pid ?? 0, "SIGKILL");
    await until("the end of every process", () => allEnded(processes));
    const { code, stderr } = await cluster.run("status");
    expect(stderr).toMatch(/NO_CLUSTER/);
    expect(code).toBe(1);
  });
});
