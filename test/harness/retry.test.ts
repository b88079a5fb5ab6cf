import { describe, expect, it } from "vitest";
import { createRetry, errorNumberOf } from "../../harness/worker/retry.ts";

const serverError = (errno: number): Error => Object.assign(new Error(`server says ${errno}`), { errno });

describe("the retry policy", () => {
  it("repeats the work after a deadlock or a lock wait timeout, and counts each retry", async () => {
    let retries = 0;
    const failures = [serverError(1213), serverError(1205)];
    const retry = createRetry(undefined, () => (retries += 1));
    const result = await retry(async () => {
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
      return "done";
    });
    expect([result, retries]).toEqual(["done", 2]);
  });
  it("rethrows every other error immediately", async () => {
    let runs = 0;
    const retry = createRetry(undefined, () => {});
    await expect(
      retry(async () => {
        runs += 1;
        throw serverError(1062);
      }),
    ).rejects.toThrow("server says 1062");
    expect(runs).toBe(1);
  });
  it("gives up when every attempt ends in a deadlock", async () => {
    let retries = 0;
    const retry = createRetry(undefined, () => (retries += 1));
    await expect(retry(() => Promise.reject(serverError(1213)))).rejects.toThrow("server says 1213");
    expect(retries).toBe(9);
  });
  it("finds the server's error number in the causes, and calls the library when it hides the number", () => {
    expect(errorNumberOf(new Error("outer", { cause: new Error("middle", { cause: serverError(1213) }) }))).toBe(1213);
    expect(errorNumberOf({ hidden: 1205 }, (error) => (error as { hidden?: number }).hidden)).toBe(1205);
    expect(errorNumberOf(new Error("none"))).toBeUndefined();
    expect(errorNumberOf(undefined)).toBeUndefined();
  });
});
