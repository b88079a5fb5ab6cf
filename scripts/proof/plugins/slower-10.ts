import { slowerBy } from "../lib/slower.ts";

export const strategy = slowerBy(0.1);
