import { expect, it } from "vitest";
import { describeTarget, publicUrl, targetUrl, type ConnectionTarget } from "../../lib/target.ts";

const target: ConnectionTarget = {
  host: "db.example",
  port: 3307,
  user: "bench",
  password: "only-in-targetUrl",
  schema: "shootout",
  tls: null,
};

it("has its password only in the URL for programs that connect", () => {
  expect(targetUrl(target)).toContain(target.password);
  expect(describeTarget(target)).toBe("mysql://bench@db.example:3307/shootout");
  expect(publicUrl(target)).toBe("mysql://bench@db.example:3307/shootout");
});
