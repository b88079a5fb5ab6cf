/**
 * Generates requests and their due times: independent users with exponential gaps at a fixed mean rate, independent of the
 * service's speed. With the same seed, every guard receives the same requests at the same times.
 */
import { below } from "../../fixtures/random.ts";
import { mulberry32 } from "../../lib/random.ts";
import type { HistoryEntry } from "../../consistency/index.ts";

/** Percent of all requests. */
const READS = 70;
/** Percent of writes; the rest are orders. */
const BADGES = 50;
const REDEMPTIONS = 20;
/** Percent of requests that go to the hottest percent of the batch's users. */
const HOT_REQUESTS = 20;
const HOT_USERS_SHARE = 0.01;
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

export interface Arrival {
  /** ms after the previous request */
  readonly gapMs: number;
  readonly userId: number;
  readonly request: { readonly kind: "read" } | Write;
}

function chooseUser({ users, dormantUsers }: TrafficSettings, isHot: boolean, draw: number): number {
  if (!isHot) return 1 + below(draw, users + dormantUsers);
  const hotUsers = Math.max(1, Math.round(users * HOT_USERS_SHARE));
  // spread hot users evenly over the ids, at owners of coupons
  const every = Math.max(COUPON_OWNERS_EVERY, Math.floor(users / hotUsers / COUPON_OWNERS_EVERY) * COUPON_OWNERS_EVERY);
  return Math.min(users, every * (1 + below(draw, hotUsers)));
}

const pick = <Item>(items: readonly Item[], draw: number): Item => {
  const item = items[below(draw, items.length)];
  if (item === undefined) throw new Error("the list is empty");
  return item;
};

/** @param index from 0 */
export function arrivalAt(settings: TrafficSettings, index: number): Arrival {
  const draw = (number: number): number => mulberry32(settings.seed, index * DRAWS + number);
  const gapMs = (-Math.log(1 - draw(0) / DRAW_LIMIT) * 1_000) / settings.ratePerSecond;
  const userId = chooseUser(settings, below(draw(1), 100) < HOT_REQUESTS, draw(2));
  if (below(draw(3), 100) < READS) return { gapMs, userId, request: { kind: "read" } };
  const write = below(draw(4), 100);
  if (write < BADGES) {
    const body = { categoryId: pick(settings.categoryIds, draw(5)), active: below(draw(6), 2) === 1 };
    return { gapMs, userId, request: { kind: "badge", body } };
  }
  if (write < BADGES + REDEMPTIONS) {
    const owner = Math.max(COUPON_OWNERS_EVERY, userId - (userId % COUPON_OWNERS_EVERY));
    return { gapMs, userId: owner, request: { kind: "redeem", body: { couponId: pick(settings.couponIds, draw(5)) } } };
  }
  const body = { categoryId: pick(settings.categoryIds, draw(5)), amountWon: 1_000 * (1 + below(draw(6), 50)) };
  return { gapMs, userId, request: { kind: "order", body } };
}
