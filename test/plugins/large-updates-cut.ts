import { form as joinValues, strategy as honest } from "../../strategies/join-values.ts";
import type { UpdateForm } from "../../strategies/update-form.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Leaves out the last rows of a large update without an error. */
export const form: UpdateForm = {
  ...joinValues,
  steps: (update) => joinValues.steps({ ...update, rows: update.rows.slice(0, 40) }),
};

export const strategy: Strategy = { ...honest, id: "large-updates-cut" };
