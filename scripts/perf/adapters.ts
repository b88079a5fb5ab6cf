import { existsSync } from "node:fs";
import { ensureDataset } from "../../fixtures/index.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { shuffled } from "../../harness/statistics/shuffle.ts";
import { chunkUsersOf, highest, ratioOf, type Figure, type Part, type PerfMeasure } from "./lib/measure.ts";
import { runProcess } from "./lib/processes.ts";
import { temporarySchema } from "./lib/schemas.ts";
import type { AdapterAnswer, AdapterTask, BlockCost, Operation } from "./processes/adapter-process.ts";

const PROCESS = new URL("./processes/adapter-process.ts", import.meta.url);
/** The noise of a few blocks hides a difference of 1 % or 2 %. A block takes about 0.1 s. */
const BLOCKS_PER_PAIR = 30;
/** The interval needs the mean of every two blocks, and more blocks would not make it much narrower. */
const MAX_BLOCKS = 300;
/** The proportions of the full size: 33 orders and 5.5 coupons per user. */
const ORDERS_PER_USER = 33;
const COUPONS_PER_USER = 5.5;

const handWrittenUrl = (orm: string): URL => new URL(`./adapters/${orm}.ts`, import.meta.url);

type Blocks = AdapterAnswer["blocks"];

function figureOf(blocks: Blocks, costOf: (block: BlockCost) => number): Figure {
  const pairs = blocks.map(({ base, candidate }) => ({ base: costOf(base), candidate: costOf(candidate) }));
  // An operation without measurable time has no ratio.
  return ratioOf(
    pairs.filter(({ base, candidate }) => base > 0 && candidate > 0),
    "ms",
  );
}

const total = (block: BlockCost): number => Object.values(block).reduce((sum, ms) => sum + ms, 0);

export const measure: PerfMeasure = {
  id: "adapters",
  what: "an ORM adapter, client CPU",
  against: "hand-written calls to the same library",
  limit: 1.02,
  unit: "x",

  async run(context) {
    const { database, log, signal, seed, orms, pairs } = context;
    const users = chunkUsersOf(context);
    const couponRows = Math.round(users * COUPONS_PER_USER);
    await using schema = await temporarySchema(database.target, "adapters");
    await ensureDataset(schema.target, { users, orders: users * ORDERS_PER_USER, dormantUsers: 0, dataSeed: 1 }, { log });

    const libraries = (await listPlugIns("orm")).filter(
      ({ value: { id } }) => orms.includes(id) && existsSync(handWrittenUrl(id)),
    );
    for (const { value: orm } of libraries) await orm.prepare?.();
    const blocks = new Map<string, Blocks[number][]>(libraries.map(({ value: { id } }) => [id, []]));
    let statements: "the same" | "not seen" = "the same";
    // A separate process per pair: the memory layout of a process changes the times by some percent.
    for (let pair = 1; pair <= pairs; pair += 1) {
      for (const { url, value: orm } of shuffled(libraries, seed + pair)) {
        const task: AdapterTask = {
          target: schema.target,
          ormUrl: url,
          handUrl: handWrittenUrl(orm.id).href,
          users,
          couponRows,
          blockPairs: Math.max(1, Math.min(BLOCKS_PER_PAIR, Math.floor(MAX_BLOCKS / pairs))),
          seed: seed + pair,
          verify: pair === 1,
        };
        const answer = await runProcess<AdapterAnswer>(PROCESS, task, signal);
        if (answer.sameStatements === false)
          throw new Error(`${orm.id}: the hand-written calls send other statements than the adapter`);
        if (pair === 1 && answer.sameStatements === null) statements = "not seen";
        blocks.get(orm.id)?.push(...answer.blocks);
      }
      log.info(`adapters: pair ${pair} of ${pairs}`);
    }
    const totals = [...blocks].map(([id, taken]): Part => ({ label: id, ...figureOf(taken, total) }));
    const operations = [...blocks].flatMap(([id, taken]) =>
      Object.keys(taken[0]?.base ?? {}).map((name): Part => ({
        label: `${id}: ${name}`,
        ...figureOf(taken, (block) => block[name as Operation]),
      })),
    );
    const worst = highest(totals);
    return {
      ...worst,
      note: `Worst: ${worst.label}. ${worst.pairs.length} pairs of blocks in ${pairs} processes for each library; a block inserts ${couponRows.toLocaleString("en")} coupons at once, changes the badges of ${users} users, saves 20 single rows and reads the chunk. Both sides wrote and read the same rows${statements === "the same" ? " by the same statements" : "; the server did not show the statements"}.`,
      parts: [...totals, ...operations],
    };
  },
};
