/** The entries of the English texts, with any text: a language that lacks one does not compile. */
export type Widened<Value> = Value extends (...args: infer Args) => string
  ? (...args: Args) => string
  : Value extends string
    ? string
    : Value extends readonly string[]
      ? readonly string[]
      : { readonly [Name in keyof Value]: Widened<Value[Name]> };
