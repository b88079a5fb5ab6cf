/** Functions that the rules on the effect log share. They are pure. */
import type { Effect } from "./effect-log.ts";

/** The keys that occur more than once, with their number. */
export function repeated(keys: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].filter(([, times]) => times > 1);
}

export const effectsOf = (effects: readonly Effect[], ...sources: readonly string[]): Effect[] =>
  effects.filter(({ source }) => sources.includes(source));

export const gradeKey = ({ runId, userId }: Pick<Effect, "runId" | "userId">): string => `user ${userId} in run ${runId}`;
export const couponKey = ({ userId, item }: Pick<Effect, "userId" | "item">): string => `coupon ${item} of user ${userId}`;

export function differing(found: ReadonlySet<string>, wanted: ReadonlySet<string>): string[] {
  return [
    ...[...wanted].filter((key) => !found.has(key)).map((key) => `${key} is missing`),
    ...[...found].filter((key) => !wanted.has(key)).map((key) => `${key} is unexpected`),
  ];
}
