import { describe, expect, it } from "vitest";
import { interruptible, orAborted } from "../../harness/run/interrupt.ts";

describe("interruptible work", () => {
  it("returns its result without an interruption, and throws its error when it fails", async () => {
    expect(await interruptible(async () => 42)).toBe(42);
    await expect(interruptible(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends as INTERRUPTED with exit code 130 on %s, even when the work throws another error",
    async (name) => {
      const work = interruptible(async (signal) => {
        process.emit(name);
        await orAborted(Promise.withResolvers<never>().promise, signal);
      });
      await expect(work).rejects.toMatchObject({ code: "INTERRUPTED", exitCode: 130 });
    },
  );
  it("does not wait for work that cannot stop, and disposes of its late result", async () => {
    const controller = new AbortController();
    const server = Promise.withResolvers<AsyncDisposable>();
    const disposed = Promise.withResolvers<void>();
    const waiting = orAborted(server.promise, controller.signal);
    controller.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    server.resolve({
      async [Symbol.asyncDispose]() {
        disposed.resolve();
      },
    });
    await disposed.promise;
  });
  it("keeps a result that arrived before the interruption", async () => {
    const controller = new AbortController();
    let isDisposed = false;
    const kept = await orAborted(
      Promise.resolve({
        async [Symbol.asyncDispose]() {
          isDisposed = true;
        },
      }),
      controller.signal,
    );
    controller.abort();
    expect(kept).toBeDefined();
    expect(isDisposed).toBe(false);
  });
});
