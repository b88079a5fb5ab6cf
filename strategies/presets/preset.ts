/** A strategy with some fixed axes, under a separate name. Each file in this folder exports one as `preset`. */
export interface Preset {
  readonly id: string;
  /** one line for `bench list` */
  readonly summary: string;
  readonly strategy: string;
  /** recorded as axes: the record of a cell does not contain the name of the preset */
  readonly axes: { readonly key?: string; readonly workers?: number };
}
