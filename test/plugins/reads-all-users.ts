import { lying } from "./lying.ts";

/** Reads as a user's library that has no filter by the remainder of the id. */
export const strategy = lying("reads-all-users", (real) => ({
  usersAfter: (afterId, lastId, limit) => real.usersAfter(afterId, lastId, limit),
  orderTotals: (firstUserId, lastUserId, window) => real.orderTotals(firstUserId, lastUserId, window),
  badges: (firstUserId, lastUserId) => real.badges(firstUserId, lastUserId),
}));
