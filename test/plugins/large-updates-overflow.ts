import { form as joinValues, strategy as honest } from "../../strategies/join-values.ts";
import type { UpdateForm } from "../../strategies/update-form.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Passes one argument per row of a large update, which the stack of the process does not hold. */
export const form: UpdateForm = {
  ...joinValues,
  steps(update) {
    if (update.rows.length > 40) Math.max(...Array.from({ length: 1_000_000 }, (_, index) => index));
    return joinValues.steps(update);
  },
};

export const strategy: Strategy = { ...honest, id: "large-updates-overflow" };
