/** The seed of one trial, from the seed of the command, so that any trial can run again without the others. */
import { createHash } from "node:crypto";

const SEED_BYTES = 4;

export const seedOfTrial = (seed: number, fault: string, trial: number): number =>
  createHash("sha256").update(`${seed} ${fault} ${trial}`).digest().readUIntBE(0, SEED_BYTES);
