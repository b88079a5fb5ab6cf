import { describe, expect, it } from "vitest";
import { besideOf } from "../../harness/recommend/beside.ts";
import { candidatesOf, type Candidate } from "../../harness/recommend/candidate.ts";
import type { BatchChoice } from "../../harness/scenario/variant.ts";
import { publishedScenario } from "../../scripts/readme/records/scenario.ts";
import { around, evidence, question, type Given } from "./evidence.ts";

const candidate = (cell: Partial<Given["cell"]> = {}): Candidate => {
  const given = { cell: { strategy: "chunked", orm: "mysql2", chunkUsers: 500, ...cell }, wallMs: around(1_000) };
  const [found] = candidatesOf(evidence("run", [given]), question({ orm: "mysql2", key: cell.key ?? "identity" }), () => false);
  if (found === undefined) throw new Error("no candidate");
  return found;
};

const published = await publishedScenario("api-techniques");

/** The published scenario, as if its batches had other workers. */
const scenario = (changed: Partial<BatchChoice> = {}) => {
  const variants = published.scenario.variants.map((variant) => ({ ...variant, batch: { ...variant.batch, ...changed } }));
  return [{ folder: "api", results: { ...published, scenario: { ...published.scenario, variants } } }];
};

const SIX = { workers: 6, parallel: "connections", split: "modulo" } as const;

describe("requests beside a recommended technique", () => {
  it("are those beside a batch of the same technique, chunk and workers", () => {
    expect(besideOf(scenario(), candidate())).toMatchObject([{ folder: "api", readsP99Ms: expect.any(Number) as number }]);
    expect(besideOf(scenario(SIX), candidate(SIX))).toHaveLength(1);
  });

  it.each<Partial<BatchChoice>>([
    { workers: 6 },
    { workers: 6, parallel: "connections" },
    { workers: 6, split: "modulo" },
    { chunkUsers: 100 },
  ])("are not those beside a batch with %o", (changed) => {
    expect(besideOf(scenario(changed), candidate())).toEqual([]);
    expect(besideOf(scenario(changed), candidate({ workers: 6, parallel: "connections", split: "modulo" }))).toEqual([]);
  });

  it("are not those beside a batch with another kind of key", () => {
    expect(besideOf(scenario(), candidate({ key: "uuidv7" }))).toEqual([]);
  });
});
