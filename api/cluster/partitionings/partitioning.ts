/**
 * How live members divide the users among them. Each file in this folder that exports `partitioning` is one. A partition is advice:
 * rows decide, so members that see different members at one moment waste work and do no harm.
 */

export interface Partitioning {
  readonly id: string;
  /** one line for --help and the documentation */
  readonly summary: string;
  /**
   * A pure function: the same members and the same user give the same index on every member.
   * @param members ids of the live members, sorted; at least one
   * @returns the index of the member whose partition the user belongs to
   */
  ownerOf(userId: number, members: readonly string[]): number;
}
