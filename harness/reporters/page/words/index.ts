/** The texts of a report by language. */
import { en } from "./en.ts";
import { ko } from "./ko.ts";
import type { Language } from "./languages.ts";
import type { Widened } from "./widened.ts";

export type Words = Widened<typeof en>;

export const WORDS: Readonly<Record<Language, Words>> = { en, ko };
