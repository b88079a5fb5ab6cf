import { createHash } from "node:crypto";
import type { Partitioning } from "./partitioning.ts";

const FIRST = 0x9e_37_79_b1;
const SECOND = 0x85_eb_ca_6b;
const THIRD = 0xc2_b2_ae_35;

/** Spreads the bits of a 32-bit number over all of its bits, so that neighbouring users get unrelated weights. */
function mix(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), SECOND);
  bits = Math.imul(bits ^ (bits >>> 13), THIRD);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** One number per member, computed once per list of members. */
const seeds = new WeakMap<readonly string[], readonly number[]>();

function seedsOf(members: readonly string[]): readonly number[] {
  const known = seeds.get(members);
  if (known !== undefined) return known;
  const computed = members.map((id) => createHash("sha256").update(id).digest().readUInt32LE(0));
  seeds.set(members, computed);
  return computed;
}

/** Highest random weight (Thaler and Ravishankar 1998). */
export const partitioning: Partitioning = {
  id: "rendezvous",
  summary: "the highest hash of user and member: about even partitions; a change of members moves only the users of that member",
  ownerOf(userId, members) {
    const user = Math.imul(userId, FIRST);
    let owner = 0;
    let highest = -1;
    for (const [index, seed] of seedsOf(members).entries()) {
      const weight = mix(user ^ seed);
      if (weight > highest) {
        highest = weight;
        owner = index;
      }
    }
    return owner;
  },
};
