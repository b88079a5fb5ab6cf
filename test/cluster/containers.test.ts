/** The image and docker-compose.yml: their content without an engine, and a whole cluster where an engine runs. */
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SERVICE_PACKAGES } from "../../api/packages.ts";
import { freePort } from "../../harness/database/ports.ts";
import { run } from "../../lib/run-program.ts";
import { isFull } from "../support/full.ts";
import { PROJECT } from "../support/trees.ts";

interface Service {
  readonly profiles?: readonly string[];
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const read = (path: string): Promise<string> => readFile(join(PROJECT, path), "utf8");
const { services } = parse(await read("docker-compose.yml"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const dockerfile = await read("Dockerfile");
const hasCompose = spawnSync("docker", ["compose", "version"]).status === 0;
const hasEngine = hasCompose && spawnSync("docker", ["info"]).status === 0;

describe("docker-compose.yml", () => {
  it("starts only MySQL without a profile, as `bench db up --db docker` expects", () => {
    const always = Object.entries(services).filter(([, { profiles }]) => profiles === undefined);
    expect(always.map(([name]) => name)).toEqual(["mysql"]);
    expect(Object.keys(services)).toEqual(["mysql", "setup", "api", "nginx"]);
  });

  it("opens ports on loopback only, and none for the instances", () => {
    for (const { ports = [] } of Object.values(services)) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(services["api"]).not.toHaveProperty("ports");
  });

  it("starts each part after the part that it needs is ready", () => {
    expect(services["setup"]?.depends_on).toEqual({ mysql: { condition: "service_healthy" } });
    expect(services["api"]?.depends_on).toEqual({ setup: { condition: "service_completed_successfully" } });
    expect(services["nginx"]?.depends_on).toEqual({ api: { condition: "service_healthy" } });
  });

  it("passes no password and no token as an argument, and refuses a cluster without a token", () => {
    for (const { command = [] } of Object.values(services)) expect(command.join(" ")).not.toMatch(/PASSWORD|TOKEN/);
    const { BENCH_API_TOKEN: token, BENCH_DATABASE_URL: url } = services["api"]?.environment ?? {};
    expect(token).toMatch(/^\$\{BENCH_API_TOKEN:-.{1,15}\}$/);
    expect(url).toMatch(/^mysql:\/\/root@mysql:3306\//);
  });

  it("documents each variable without a default in .env.example", async () => {
    const example = await read(".env.example");
    const [text, names] = [await read("docker-compose.yml"), new Set<string>()];
    for (const [, name = ""] of text.matchAll(/\$\{(\w+):\?/g)) names.add(name);
    expect([...names]).toEqual(["MYSQL_ROOT_PASSWORD"]);
    for (const name of [...names, "BENCH_API_TOKEN", "API_PORT", "CLUSTER_SCALE"])
      expect(example).toMatch(new RegExp(`^${name}=`, "m"));
  });

  it.skipIf(!hasCompose)("is valid for docker compose", async () => {
    const args = ["compose", "--env-file", ".env.example", "--profile", "cluster", "config", "--quiet"];
    expect(await run("docker", args, { cwd: PROJECT })).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

describe("the image", () => {
  it("is built in stages, runs as an ordinary user, and has a health check", () => {
    expect(dockerfile.match(/^FROM /gm)).toHaveLength(2);
    const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK .* CMD \["node", "docker\/health.mjs"\]$/m);
    expect(last).toMatch(/^ENTRYPOINT \["node", "bin\/bench.cjs"\]$/m);
  });

  it("runs on the Node that the project pins", async () => {
    expect(dockerfile).toContain(`ARG NODE=node:${(await read(".nvmrc")).trim()}-alpine`);
  });

  it("receives the folders of the package, and neither .env nor results", async () => {
    const allowed = (await read(".dockerignore")).split("\n").flatMap((line) => /^!(.+)$/.exec(line)?.[1] ?? []);
    expect((await read(".dockerignore")).split("\n")).toContain("*");
    for (const path of allowed) expect(existsSync(join(PROJECT, path)), path).toBe(true);
    for (const path of dockerfile.matchAll(/^COPY (?!--from)(?!\. )(.+) \S+$/gm))
      for (const part of path[1]?.split(" ") ?? [])
        expect(
          allowed.some((each) => part.startsWith(each)),
          part,
        ).toBe(true);
    const { files } = JSON.parse(await read("package.json")) as { files: readonly string[] };
    const folders = files.filter((file) => !/[.!]|^(docs|examples|runtime)$/.test(file));
    for (const folder of folders) expect(allowed).toContain(folder);
    expect(allowed).not.toContain(".env");
  });

  it("contains the packages of the command line and of the service, and no others", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-image-"));
    for (const path of ["package.json", "api/packages.ts", "docker/service-packages.mjs"])
      await cp(join(PROJECT, path), join(folder, path), { recursive: true });
    const { exitCode, stderr } = await run(process.execPath, ["docker/service-packages.mjs"], { cwd: folder });
    expect(exitCode, stderr).toBe(0);
    const reduced = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Record<string, Record<string, string>>;
    await rm(folder, { recursive: true });
    const { dependencies, devDependencies } = JSON.parse(await read("package.json")) as Record<string, Record<string, string>>;
    const service = Object.fromEntries(SERVICE_PACKAGES.map((name) => [name, devDependencies?.[name]]));
    expect(reduced["dependencies"]).toEqual({ ...dependencies, ...service });
    for (const name of ["devDependencies", "peerDependencies", "workspaces"]) expect(reduced).not.toHaveProperty(name);
  });
});

describe.skipIf(!hasEngine || !isFull)("docker compose --profile cluster up --scale api=3", () => {
  it("starts three instances behind nginx that answer reads, writes and a batch", async () => {
    const port = await freePort(0);
    const token = randomUUID();
    const place = ["compose", "--project-name", `bench-test-${token.slice(0, 8)}`, "--profile", "cluster"];
    const env = {
      ...process.env,
      MYSQL_ROOT_PASSWORD: randomUUID(),
      BENCH_API_TOKEN: token,
      API_PORT: String(port),
      MYSQL_PORT: String(await freePort(0)),
    };
    const compose = (...args: readonly string[]) => run("docker", [...place, ...args], { cwd: PROJECT, env });
    try {
      const up = await compose("up", "--build", "--detach", "--wait", "--scale", "api=3");
      expect(up.exitCode, up.stderr).toBe(0);
      const url = `http://127.0.0.1:${port}`;
      const seen = new Set<string | null>();
      for (let count = 0; count < 30; count += 1) {
        const answer = await fetch(`${url}/users/1/membership`);
        expect(answer.status).toBe(200);
        seen.add(answer.headers.get("x-upstream"));
      }
      expect(seen.size).toBe(3);
      const json = { "content-type": "application/json" };
      const order = await fetch(`${url}/users/1/orders`, {
        method: "POST",
        headers: { ...json, "idempotency-key": randomUUID() },
        body: '{"categoryId":1,"amountWon":1000}',
      });
      expect(order.status).toBe(201);
      const batch = await fetch(`${url}/batches`, {
        method: "POST",
        headers: { ...json, authorization: `Bearer ${token}` },
        body: '{"targetDate":"2026-01-01"}',
      });
      expect(batch.status).toBe(202);
    } finally {
      await compose("down", "--volumes", "--timeout", "30");
    }
  });
});
