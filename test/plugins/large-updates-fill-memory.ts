import { form as joinValues, strategy as honest } from "../../strategies/join-values.ts";
import type { UpdateForm } from "../../strategies/update-form.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Keeps more numbers for a large update than the heap holds. */
export const form: UpdateForm = {
  ...joinValues,
  steps(update) {
    const kept: number[][] = [];
    // few large arrays: many small objects take seconds of garbage collection
    while (update.rows.length > 40) kept.push(Array.from({ length: 2_000_000 }, () => 0.5));
    return joinValues.steps(update);
  },
};

export const strategy: Strategy = { ...honest, id: "large-updates-fill-memory" };
