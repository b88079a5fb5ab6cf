/** How the load's client classifies answers: those of the service, and those of a proxy in front of it. */
import { describe, expect, it } from "vitest";
import { classifyAnswer, classifyError } from "../../harness/scenario/answers.ts";

const problem = (status: number, name: string) => ({
  status,
  contentType: "application/problem+json; charset=utf-8",
  text: JSON.stringify({ type: `/problems/${name}`, title: "no", status, detail: "no" }),
});
const json = (status: number) => ({ status, contentType: "application/json; charset=utf-8", text: "{}" });

describe("an answer of the service", () => {
  it.each([
    [json(200), { outcome: "applied", result: "applied", failure: null }],
    [json(201), { outcome: "applied", result: "applied", failure: null }],
    [json(202), { outcome: "accepted", result: "accepted", failure: null }],
    [problem(409, "coupon-not-available"), { outcome: "declined", result: "refused", failure: "coupon-not-available" }],
    [problem(422, "idempotency-key-reused"), { outcome: "failed", result: "refused", failure: "idempotency-key-reused" }],
    [problem(503, "shed"), { outcome: "failed", result: "refused", failure: "shed" }],
    [problem(503, "database-read-only"), { outcome: "failed", result: "refused", failure: "database-read-only" }],
    [problem(503, "outcome-unknown"), { outcome: "failed", result: "unknown", failure: "outcome-unknown" }],
    [problem(500, "internal-error"), { outcome: "failed", result: "unknown", failure: "internal-error" }],
    [problem(408, "request-timeout"), { outcome: "failed", result: "refused", failure: "request-timeout" }],
  ] as const)("to a write is classified: %j", (answer, expected) => {
    expect(classifyAnswer("write", answer)).toEqual(expected);
  });

  it("to a read is a read", () => {
    expect(classifyAnswer("read", json(200)).outcome).toBe("read");
  });
});

describe("an answer that the service did not write", () => {
  const html = (status: number) => ({ status, contentType: "text/html", text: "<h1>503 Service Temporarily Unavailable</h1>" });

  it.each([200, 202, 400, 404, 413, 502, 503, 504])("leaves the outcome of a write unknown: %i", (status) => {
    expect(classifyAnswer("write", html(status))).toEqual({ outcome: "failed", result: "unknown", failure: `proxy-${status}` });
  });

  it("is no problem of the service without its media type, or with an unknown type", () => {
    const known = problem(503, "shed");
    for (const answer of [{ ...known, contentType: "application/json" }, problem(503, "no-such-problem")])
      expect(classifyAnswer("write", answer)).toMatchObject({ result: "unknown", failure: "proxy-503" });
  });

  it("can be missing: the connection ended", () => {
    expect(classifyError(new Error("other side closed"))).toEqual({
      outcome: "failed",
      result: "unknown",
      failure: "connection",
    });
  });
});
