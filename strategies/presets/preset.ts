/** A strategy with some of its axes fixed, under a name of its own. One file per preset in this folder; each exports `preset`. */
export interface Preset {
  readonly id: string;
  /** one line for `bench list` */
  readonly summary: string;
  readonly strategy: string;
  /** recorded as axes: a cell does not know that it was named by a preset */
  readonly axes: { readonly key?: string; readonly workers?: number };
}
