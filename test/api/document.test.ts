/** The OpenAPI document, the form of times, and the commands that docs/api.md shows. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestService, TARGET_DATE, TOKEN, type Client, type TestService } from "./service.ts";

interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The values of all fields that end in `At`, at any depth. */
function timesIn(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    name.endsWith("At") ? (field === null ? [] : [field]) : timesIn(field),
  );
}

let service: TestService;
let client: Client & AsyncDisposable;
beforeAll(async () => {
  service = await openTestService("api_document");
  client = await service.start();
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

describe("the OpenAPI document", () => {
  it("gives each operation a different operationId and a declared tag", async () => {
    const { body } = await client.call("GET", "/openapi.json");
    const operations = Object.values(body.paths as Record<string, Record<string, Operation>>).flatMap((path) =>
      Object.values(path),
    );
    const ids = operations.map(({ operationId }) => operationId);
    expect(operations.length).toBeGreaterThanOrEqual(10);
    for (const id of ids) expect(id).toMatch(/^[a-z][a-zA-Z]+$/);
    expect(new Set(ids).size).toBe(ids.length);
    const declared = (body.tags as { name: string }[]).map(({ name }) => name);
    const used = operations.flatMap(({ tags = [] }) => tags);
    expect(used).toHaveLength(operations.length);
    expect(declared.toSorted()).toEqual([...new Set(used)].toSorted());
  });
});

describe("every answer", () => {
  it("writes times in one form", async () => {
    const user = 7;
    const badge = await client.badge(user, 2, true, "0b0a4c1e-5c5e-4f0c-9a52-6d6f2f0f6f01");
    const order = await client.order(user);
    const batch = await client.startBatch({ targetDate: TARGET_DATE });
    const ended = await client.batchEnd(Number(batch.body["id"]));
    const membership = await client.call("GET", `/users/${user}/membership`);
    const request = await client.call("GET", "/requests/0b0a4c1e-5c5e-4f0c-9a52-6d6f2f0f6f01");
    for (const { body } of [badge, order, ended, membership, request]) {
      const times = timesIn(body);
      expect(times.length, JSON.stringify(body)).toBeGreaterThan(0);
      for (const time of times) expect(time).toMatch(TIME);
    }
    // the same moment has the same text in each answer
    const badges = membership.body["badges"] as { categoryId: number; changedAt: string }[];
    expect(badges.find(({ categoryId }) => categoryId === 2)?.changedAt).toBe(badge.body["changedAt"]);
  });
});

describe("the commands of docs/api.md", () => {
  it("set TOKEN before its first use, and use it in every request that needs the token", async () => {
    const page = await readFile(new URL("../../docs/api.md", import.meta.url), "utf8");
    const block = [...page.matchAll(/^```console\n([\s\S]*?)^```/gm)].find(([, text = ""]) => text.includes("curl"))?.[1] ?? "";
    const requests = block.match(/-H .authorization: Bearer \S+/g) ?? [];
    expect(requests.length).toBeGreaterThanOrEqual(2);
    // a shell expands no variable between single quotes
    for (const request of requests) expect(request).toBe('-H "authorization: Bearer $TOKEN"');
    expect(block.indexOf("TOKEN=")).toBeGreaterThan(-1);
    expect(block.indexOf("TOKEN=")).toBeLessThan(block.indexOf("$TOKEN"));
    expect(page).not.toContain(TOKEN);
  });
});
