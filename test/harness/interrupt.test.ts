import { describe, expect, it } from "vitest";
import { interruptible, orAborted } from "../../harness/run/interrupt.ts";

describe("work that is interrupted", () => {
  it("gives its result when nothing interrupts it, and its error when it fails", async () => {
    expect(await interruptible(async () => 42)).toBe(42);
    await expect(interruptible(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends as INTERRUPTED with exit code 130 on %s, whatever it throws then",
    async (name) => {
      const work = interruptible(async (signal) => {
        process.emit(name);
        await orAborted(Promise.withResolvers<never>().promise, signal);
      });
      await expect(work).rejects.toMatchObject({ code: "INTERRUPTED", exitCode: 130 });
    },
  );
  it("does not wait for what can't be stopped, and disposes of what that still brings", async () => {
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
  it("keeps what arrived before the interruption", async () => {
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
