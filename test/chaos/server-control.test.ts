/** The server that faults restart. */
import { describe, expect, it } from "vitest";
import { ManagedServer } from "../../harness/chaos/server-control.ts";
import type { Database } from "../../harness/database/index.ts";

/** A server with a count of its leases. */
function countedServer() {
  const server = { leases: 0 };
  const lease = (): Database => {
    server.leases += 1;
    return { [Symbol.asyncDispose]: async () => void (server.leases -= 1) } as unknown as Database;
  };
  return { server, lease };
}

describe("a server of the trials", () => {
  it("gets a lease for each start, also after an interruption, and releases all of them at the end", async () => {
    const { server, lease } = countedServer();
    const interruption = new AbortController();
    const starting: PromiseWithResolvers<Database>[] = [];
    const open = (): Promise<Database> => {
      const next = Promise.withResolvers<Database>();
      starting.push(next);
      return next.promise;
    };
    const first = ManagedServer.start(open, interruption.signal);
    starting[0]?.resolve(lease());
    const managed = await first;
    const again = managed.start();
    interruption.abort(new Error("interrupted"));
    starting[1]?.resolve(lease());
    await again;
    expect(server.leases).toBe(2);
    await managed[Symbol.asyncDispose]();
    expect(server.leases).toBe(0);
  });

  it("is not started after an interruption", async () => {
    let starts = 0;
    const starting = ManagedServer.start(
      async () => {
        starts += 1;
        return {} as Database;
      },
      AbortSignal.abort(new Error("interrupted")),
    );
    await expect(starting).rejects.toThrow("interrupted");
    expect(starts).toBe(0);
  });

  it("is released when it starts after the interruption", async () => {
    const { server, lease } = countedServer();
    const interruption = new AbortController();
    const opening = Promise.withResolvers<Database>();
    const starting = ManagedServer.start(() => opening.promise, interruption.signal);
    interruption.abort(new Error("interrupted"));
    await expect(starting).rejects.toThrow("interrupted");
    opening.resolve(lease());
    await opening.promise;
    await new Promise(setImmediate);
    expect(server.leases).toBe(0);
  });
});
