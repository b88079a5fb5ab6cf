import { fork } from "node:child_process";
import { once } from "node:events";
import { connect as connectSocket, createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { createConnection as createMariadb } from "mariadb";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { delayWarning, roundTripTimesMs } from "../../harness/rtt/calibration.ts";
import { openRoutes, throughProxy } from "../../harness/rtt/index.ts";
import { startLatencyProxy, type LatencyProxy } from "../../harness/rtt/proxy.ts";
import { connect, execute, select } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { testServer } from "../support/worker-server.ts";
import { isFull } from "../support/full.ts";

const target = await testServer();

async function startProxy(delayMs: number, to: { host: string; port: number } = target): Promise<LatencyProxy> {
  const proxy = await startLatencyProxy({ host: to.host, port: to.port, delayMs });
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  return proxy;
}

async function openThrough(proxy: LatencyProxy) {
  const connection = await connect(throughProxy(target, proxy), { withSchema: false });
  onTestFinished(() => connection.destroy());
  return connection;
}

describe("the proxy that adds round-trip time", () => {
  it("counts a round trip for each statement that waits for its answer, from the reset on", async () => {
    const proxy = await startProxy(0);
    const connection = await openThrough(proxy);
    await proxy.reset();
    for (let statement = 0; statement < 7; statement += 1) await execute(connection, "DO 0");
    expect(await proxy.read()).toEqual({ roundTrips: 7, roundTripChain: 7 });
    await proxy.reset();
    expect(await proxy.read()).toEqual({ roundTrips: 0, roundTripChain: 0 });
  });

  it("counts a large statement and its large answer as one", async () => {
    const proxy = await startProxy(1);
    const connection = await openThrough(proxy);
    await proxy.reset();
    const [row] = await select<{ length: number }>(
      connection,
      `SELECT LENGTH('${"x".repeat(3_000_000)}') AS length, REPEAT('y', 3000000) AS y`,
    );
    expect(row?.length).toBe(3_000_000);
    expect(await proxy.read()).toEqual({ roundTrips: 1, roundTripChain: 1 });
  });

  it("counts one chain when statements follow one another over several connections", async () => {
    const proxy = await startProxy(0);
    const [a, b] = [await openThrough(proxy), await openThrough(proxy)];
    await proxy.reset();
    for (let statement = 0; statement < 4; statement += 1) {
      await execute(a, "DO 0");
      await execute(b, "DO 0");
    }
    expect(await proxy.read()).toEqual({ roundTrips: 8, roundTripChain: 8 });
  });

  it("counts the longer chain when two connections work at the same time", async () => {
    const proxy = await startProxy(20);
    const [a, b] = [await openThrough(proxy), await openThrough(proxy)];
    await proxy.reset();
    const statements = async (connection: typeof a, count: number): Promise<void> => {
      for (let statement = 0; statement < count; statement += 1) await execute(connection, "DO 0");
    };
    await Promise.all([statements(a, 8), statements(b, 5)]);
    const { roundTrips, roundTripChain } = await proxy.read();
    expect(roundTrips).toBe(13);
    expect(roundTripChain).toBeGreaterThanOrEqual(8);
    expect(roundTripChain).toBeLessThan(13);
  });

  it("counts fewer round trips than statements when the client does not wait for answers", async () => {
    const proxy = await startProxy(5);
    const { host, port, user, password } = { ...target, ...proxy };
    const connection = await createMariadb({ host, port, user, password, allowPublicKeyRetrieval: true, pipelining: true });
    onTestFinished(() => connection.destroy());
    await proxy.reset();
    await Promise.all(Array.from({ length: 50 }, () => connection.query("DO 0")));
    expect((await proxy.read()).roundTrips).toBeLessThan(10);
  });

  it("adds the requested delay to each round trip, compared with the proxy without delay", async () => {
    // the fastest of many queries, because a busy machine delays the others
    const quickest = async (delayMs: number): Promise<number> =>
      Math.min(...(await roundTripTimesMs(throughProxy(target, await startProxy(delayMs)))));
    const baselineMs = await quickest(0);
    for (const delayMs of isFull ? [1, 4] : [4]) {
      const addedMs = (await quickest(delayMs)) - baselineMs;
      expect(addedMs).toBeGreaterThan(delayMs - 0.2);
      // timers fire late on a busy machine: the fastest of many queries once took 25 ms with a delay of 4 ms
      if (isFull) expect(addedMs).toBeLessThan(delayMs + Math.max(0.2, delayMs / 10));
    }
  });

  it("calibrates against the proxy without delay, which every run includes", async () => {
    await using routes = await openRoutes(target, [3], silentLog);
    expect(routes.points.map(({ requestedMs }) => requestedMs)).toEqual([0, 3]);
    expect(routes.points[0]?.addedMs).toBe(0);
    const addedMs = async (): Promise<number> => {
      await using again = await openRoutes(target, [3], silentLog);
      return again.points[1]?.addedMs ?? Number.NaN;
    };
    // a busy machine can delay the queries without delay: once they took as long as those with 3 ms
    await expect.poll(addedMs).toBeGreaterThan(2.5);
    expect(routes.through(3).point).toBe(routes.points[1]);
    await using none = await openRoutes(target, [], silentLog);
    expect(none.points).toEqual([]);
  });

  it("warns when the measured delay differs from the requested delay", () => {
    expect(delayWarning(1, 1.19)).toBeNull();
    expect(delayWarning(1, 1.25)).toMatch(/added 1\.25 ms/);
    expect(delayWarning(1, 1.35)).toMatch(/added 1\.35 ms to each round trip instead of 1 ms/);
    expect(delayWarning(100, 109)).toBeNull();
    expect(delayWarning(100, 85)).toMatch(/85\.00 ms/);
  });

  it("measures a long delay in a few queries", async () => {
    const times = await roundTripTimesMs(throughProxy(target, await startProxy(120)));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(120);
    expect(times.length).toBeLessThan(15);
  });

  it("reports an unreachable server as a lost connection", async () => {
    const proxy = await startProxy(0, { host: "127.0.0.1", port: 1 });
    await expect(connect(throughProxy(target, proxy), { withSchema: false })).rejects.toThrow(/closed|reset|ECONNRESET|lost/i);
  });

  it("forwards an orderly end and a reset, with all earlier bytes", async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      socket.on("data", (chunk: Buffer) => {
        if (chunk.toString() === "reset") socket.resetAndDestroy();
      });
      socket.on("end", () => socket.end("x".repeat(2_000_000)));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const proxy = await startProxy(2, { host: "127.0.0.1", port: (server.address() as AddressInfo).port });

    const half = connectSocket({ host: proxy.host, port: proxy.port, allowHalfOpen: true });
    let bytes = 0;
    half.on("data", (chunk: Buffer) => (bytes += chunk.length));
    half.end("hello");
    await once(half, "end");
    expect(bytes).toBe(2_000_000);

    const broken = connectSocket({ host: proxy.host, port: proxy.port });
    broken.write("reset");
    const [error] = (await once(broken, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
  });

  it("ends when the process that started it ends in any way", async () => {
    const parent = fork(fileURLToPath(new URL("../support/proxy-parent-process.ts", import.meta.url)), [
      target.host,
      String(target.port),
    ]);
    const [port] = (await once(parent, "message")) as [number];
    const client = connectSocket({ host: "127.0.0.1", port }).resume();
    await once(client, "connect");
    client.on("error", () => {});
    parent.kill("SIGKILL");
    await once(client, "close");
    // the client's socket ends shortly before the listener's: until then the kernel accepts connections, and then resets them
    await vi.waitFor(async () => {
      const refused = connectSocket({ host: "127.0.0.1", port }).resume();
      const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
      expect(error.code).toBe("ECONNREFUSED");
    }, 10_000);
  });

  it("reports an error with a code when its process was killed", async () => {
    const proxy = await startLatencyProxy({ host: target.host, port: target.port, delayMs: 0 });
    await proxy[Symbol.asyncDispose]();
    await expect(proxy.read()).rejects.toThrow(/latency proxy ended unexpectedly \(SIGKILL\)/);
  });
});
