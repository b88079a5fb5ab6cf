/** The users whose id has this remainder after division by `divisor`. */
export interface Residue {
  readonly divisor: number;
  readonly remainder: number;
}
