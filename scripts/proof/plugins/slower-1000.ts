import { slowerBy } from "../lib/slower.ts";

export const strategy = slowerBy(10);
