import { form as joinValues, strategy as honest } from "../../strategies/join-values.ts";
import type { UpdateForm } from "../../strategies/many-row-update.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Keeps more objects for a large update than the heap holds. */
export const form: UpdateForm = {
  ...joinValues,
  steps(update) {
    const kept: object[][] = [];
    while (update.rows.length > 100) kept.push(Array.from({ length: 100_000 }, (_, index) => ({ index })));
    return joinValues.steps(update);
  },
};

export const strategy: Strategy = { ...honest, id: "large-updates-fill-memory" };
