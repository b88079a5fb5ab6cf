/** The languages of a report. A language is one file that `satisfies` the entries of the English one. */
import { en } from "./en.ts";
import { ko } from "./ko.ts";
import type { Language } from "./languages.ts";

/** Texts and functions of the English entries, with any text. */
type Widened<Value> = Value extends (...args: infer Args) => string
  ? (...args: Args) => string
  : Value extends string
    ? string
    : Value extends readonly string[]
      ? readonly string[]
      : { readonly [Name in keyof Value]: Widened<Value[Name]> };

export type Words = Widened<typeof en>;

export type { Language };

export const WORDS: Readonly<Record<Language, Words>> = { en, ko };
