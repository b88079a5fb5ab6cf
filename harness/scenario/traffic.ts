/**
 * Generates requests and their due times: independent users with exponential gaps at a fixed mean rate, independent of the
 * service's speed. With the same seed, every guard receives the same requests at the same times.
 */
import { below } from "../../fixtures/random.ts";
import { mulberry32 } from "../../lib/random.ts";
import type { HistoryEntry } from "../../consistency/index.ts";

/** Percent of all requests. */
const READS = 70;
/** Percent of reads: a client looks for the effect of its earlier write. */
const OWN_READS = 5;
/** Percent of writes: the same request under its key again, and another request under the key. */
const REPLAYS = 5;
const REUSES = 1;
/** A later request refers to a write among about this many requests before it, of which some are still in progress. */
const LOOK_BACK = 60;
/** Percent of writes; the rest are orders. */
const BADGES = 50;
const REDEMPTIONS = 20;
/** Percent of requests that go to the hottest percent of the batch's users. */
const HOT_REQUESTS = 20;
const HOT_USERS_FRACTION = 0.01;
/** Users whose id is a multiple of this have coupons, including all hot users. */
export const COUPON_OWNERS_EVERY = 10;

const DRAWS = 8;
const DRAW_LIMIT = 2 ** 32;

export interface TrafficSettings {
  readonly seed: number;
  readonly ratePerSecond: number;
  /** users of the batch have the ids 1 to `users` */
  readonly users: number;
  /** number of users with higher ids, which the batch does not change */
  readonly dormantUsers: number;
  readonly categoryIds: readonly number[];
  readonly couponIds: readonly number[];
}

type Write = {
  [Kind in HistoryEntry["kind"]]: Pick<Extract<HistoryEntry, { kind: Kind }>, "kind" | "body">;
}[HistoryEntry["kind"]];

/** A write with a new key. */
export type NewWrite = Write & { readonly userId: number };

/** The earlier write that a request refers to. */
interface Earlier {
  readonly index: number;
  readonly write: NewWrite;
}

type TrafficRequest =
  | { readonly kind: "read" }
  | Write
  /** the earlier write again, under its key */
  | { readonly kind: "replay"; readonly earlier: Earlier }
  /** another write under the key of the earlier one, which the service must refuse */
  | { readonly kind: "reuse"; readonly earlier: Earlier; readonly instead: NewWrite }
  /** a read of the earlier write by its key, or of the membership with its effect */
  | { readonly kind: "own-read"; readonly earlier: Earlier; readonly of: "request" | "badge" };

export interface Arrival {
  /** ms after the previous request */
  readonly gapMs: number;
  readonly userId: number;
  readonly request: TrafficRequest;
}

function chooseUser({ users, dormantUsers }: TrafficSettings, isHot: boolean, draw: number): number {
  if (!isHot) return 1 + below(draw, users + dormantUsers);
  const hotUsers = Math.max(1, Math.round(users * HOT_USERS_FRACTION));
  // spread hot users evenly over the ids, at owners of coupons
  const every = Math.max(COUPON_OWNERS_EVERY, Math.floor(users / hotUsers / COUPON_OWNERS_EVERY) * COUPON_OWNERS_EVERY);
  return Math.min(users, every * (1 + below(draw, hotUsers)));
}

const pick = <Item>(items: readonly Item[], draw: number): Item => {
  const item = items[below(draw, items.length)];
  if (item === undefined) throw new Error("the list is empty");
  return item;
};

const drawer =
  ({ seed }: TrafficSettings, index: number) =>
  (number: number): number =>
    mulberry32(seed, index * DRAWS + number);

type Role = "read" | "own-read" | "write" | "replay" | "reuse";

/** Depends on no other request, so that the search for an earlier write is short. */
function roleOf(draw: (number: number) => number): Role {
  const percentile = below(draw(7), 100);
  if (below(draw(3), 100) < READS) return percentile < OWN_READS ? "own-read" : "read";
  return percentile < REPLAYS ? "replay" : percentile < REPLAYS + REUSES ? "reuse" : "write";
}

function writeAt(settings: TrafficSettings, index: number): NewWrite {
  const draw = drawer(settings, index);
  const userId = chooseUser(settings, below(draw(1), 100) < HOT_REQUESTS, draw(2));
  const kind = below(draw(4), 100);
  if (kind < BADGES) {
    const body = { categoryId: pick(settings.categoryIds, draw(5)), active: below(draw(6), 2) === 1 };
    return { userId, kind: "badge", body };
  }
  if (kind < BADGES + REDEMPTIONS) {
    const owner = Math.max(COUPON_OWNERS_EVERY, userId - (userId % COUPON_OWNERS_EVERY));
    return { userId: owner, kind: "redeem", body: { couponId: pick(settings.couponIds, draw(5)) } };
  }
  const body = { categoryId: pick(settings.categoryIds, draw(5)), amountWon: 1_000 * (1 + below(draw(6), 50)) };
  return { userId, kind: "order", body };
}

/** @returns null if no write with a new key comes before this position */
function earlierThan(settings: TrafficSettings, index: number, draw: number): Earlier | null {
  for (let found = index - 1 - below(draw, LOOK_BACK); found >= 0; found -= 1)
    if (roleOf(drawer(settings, found)) === "write") return { index: found, write: writeAt(settings, found) };
  return null;
}

/** The same kind of write, either of another user or with another body. */
function another(earlier: NewWrite, userId: number): NewWrite {
  if (userId !== earlier.userId && userId % 2 === 0) return { ...earlier, userId };
  switch (earlier.kind) {
    case "badge":
      return { ...earlier, body: { ...earlier.body, active: !earlier.body.active } };
    case "order":
      return { ...earlier, body: { ...earlier.body, amountWon: earlier.body.amountWon + 1 } };
    default:
      return { ...earlier, kind: "badge", body: { categoryId: 1, active: true } };
  }
}

/** @param index from 0 */
export function arrivalAt(settings: TrafficSettings, index: number): Arrival {
  const draw = drawer(settings, index);
  const gapMs = (-Math.log(1 - draw(0) / DRAW_LIMIT) * 1_000) / settings.ratePerSecond;
  const userId = chooseUser(settings, below(draw(1), 100) < HOT_REQUESTS, draw(2));
  const role = roleOf(draw);
  if (role === "read") return { gapMs, userId, request: { kind: "read" } };
  if (role === "write") {
    const { userId: ownerId, ...request } = writeAt(settings, index);
    return { gapMs, userId: ownerId, request };
  }
  const earlier = earlierThan(settings, index, draw(5));
  if (earlier === null) return { gapMs, userId, request: { kind: "read" } };
  const { write } = earlier;
  if (role === "reuse") {
    const instead = another(write, userId);
    return { gapMs, userId: instead.userId, request: { kind: "reuse", earlier, instead } };
  }
  const request: TrafficRequest =
    role === "replay"
      ? { kind: "replay", earlier }
      : { kind: "own-read", earlier, of: write.kind === "badge" && below(draw(6), 2) === 1 ? "badge" : "request" };
  return { gapMs, userId: write.userId, request };
}
