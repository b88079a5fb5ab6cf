import { describe, expect, it, onTestFinished, vi } from "vitest";
import { failuresOf, NodeProcess, stripTypes, type StartOptions } from "../../lib/node-process.ts";
import type { Answer, Request } from "./answering-process.ts";

const FILE = new URL("./answering-process.ts", import.meta.url);
const failures = failuresOf((what) => new Error(`the helper ${what}`));

function start(options: StartOptions = {}): NodeProcess<Request, Answer> {
  const child = new NodeProcess<Request, Answer>(FILE, { failures, ...options });
  onTestFinished(() => child.stop());
  return child;
}

describe("a process that this project starts", () => {
  it("receives neither a password nor a token, and no debugger's options", async () => {
    vi.stubEnv("BENCH_DATABASE_URL", "mysql://root:secret@host/schema");
    vi.stubEnv("BENCH_DATABASE_PASSWORD", "secret");
    vi.stubEnv("BENCH_DATABASE_PASSWORD_FILE", "/run/secret");
    vi.stubEnv("BENCH_API_TOKEN", "secret");
    vi.stubEnv("NODE_OPTIONS", "--inspect=0");
    vi.stubEnv("BENCH_KEPT", "yes");
    onTestFinished(() => void vi.unstubAllEnvs());
    const child = start({ nodeOptions: ["--expose-gc"], environment: { BENCH_ADDED: "yes" } });
    const { variables, options } = await child.request({ type: "environment" }, "environment");
    expect(Object.entries(variables).filter(([name]) => name.startsWith("BENCH_"))).toEqual([
      ["BENCH_KEPT", "yes"],
      ["BENCH_ADDED", "yes"],
    ]);
    expect(variables["NODE_OPTIONS"]).toBe("");
    expect(options).toContain("--expose-gc");
  });

  it("exchanges dates and binary values, which JSON does not carry", async () => {
    const value = { at: new Date(0), bytes: new Uint8Array([1, 2]) };
    expect(await start().request({ type: "echo", value }, "echo")).toEqual({ type: "echo", value });
  });

  it("rejects the answer with the process's own failure, though the process ends at once", async () => {
    await expect(start().request({ type: "fail" }, "echo")).rejects.toThrow("the helper failed: no disk");
  });

  it("rejects the answer with how the process ended", async () => {
    await expect(start().request({ type: "exit", code: 7 }, "echo")).rejects.toThrow(
      "the helper ended unexpectedly (exit code 7)",
    );
    const child = start();
    await child.request({ type: "compute" }, "computing");
    const answer = child.waitFor("echo", { timeoutMs: null });
    await child.stop();
    await expect(answer).rejects.toThrow("the helper ended unexpectedly (SIGKILL)");
  });

  it("rejects a request to a process that has ended before, and throws no error of its channel", async () => {
    const child = start();
    child.send({ type: "exit", code: 0 });
    expect(await child.ended).toBe("exit code 0");
    await expect(child.request({ type: "environment" }, "environment")).rejects.toThrow("ended unexpectedly (exit code 0)");
    await child.stop();
  });

  it("rejects the answer with the system's reason when it cannot start", async () => {
    const { execPath } = process;
    process.execPath = "/nowhere/node";
    onTestFinished(() => void (process.execPath = execPath));
    const errors: string[] = [];
    const child = start({ onError: ({ message }) => void errors.push(message) });
    await expect(child.request({ type: "environment" }, "environment")).rejects.toThrow(
      /the helper ended unexpectedly \(.*ENOENT/,
    );
    expect(errors).toContain("spawn /nowhere/node ENOENT");
    expect(child.pid).toBeNull();
    await child.stop();
  });

  it("passes on other messages while it waits, and gives null after the timeout", async () => {
    const child = start();
    const others: string[] = [];
    child.send({ type: "compute" });
    const started = Promise.withResolvers<void>();
    child.onMessage(() => started.resolve());
    const answer = child.waitFor("echo", { timeoutMs: 0, onOther: ({ type }) => void others.push(type) });
    expect(await answer).toBeNull();
    const later = child.waitFor("echo", { timeoutMs: null, onOther: ({ type }) => void others.push(type) });
    await started.promise;
    await child.stop();
    await expect(later).rejects.toThrow("SIGKILL");
    expect(others).toEqual(["computing"]);
  });

  it("ends by itself within its time, and is killed after it", async () => {
    const polite = start();
    await polite.request({ type: "echo", value: 1 }, "echo");
    polite.send({ type: "end" });
    await polite.stop(60_000);
    expect(await polite.ended).toBe("exit code 0");
    const busy = start();
    await busy.request({ type: "compute" }, "computing");
    await busy.stop(1);
    expect(await busy.ended).toBe("SIGKILL");
  });

  it("strips types only below node_modules, by the program of the tree that it runs in", () => {
    expect(stripTypes()).toEqual([]);
    expect(stripTypes("file:///a/node_modules/orm-shootout/")).toEqual([
      "--import",
      "file:///a/node_modules/orm-shootout/bin/strip-types.mjs",
    ]);
  });
});
