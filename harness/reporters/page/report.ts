/** A report from its parts: the answer, what the runs share, and each run. */
import type { PartOf, Part, RenderedSection } from "./section.ts";
import { WORDS, type Words } from "./words/index.ts";
import type { Language } from "./words/languages.ts";

export interface Report {
  readonly title: string;
  /** of all parts together */
  readonly answer: string;
  /** sections about all parts, before them */
  readonly together: readonly RenderedSection[];
  readonly parts: readonly Part[];
}

/** The sections about several records together, and their answer. */
export type TogetherOf = (words: Words) => Promise<{ readonly answer: string; readonly sections: readonly RenderedSection[] }>;

/** @param parts in order; at least one @param together null for one part */
export async function reportOf(parts: readonly PartOf[], together: TogetherOf | null, language: Language): Promise<Report> {
  const words = WORDS[language];
  const rendered: Part[] = [];
  for (const part of parts) rendered.push(await part(words));
  const [first] = rendered;
  const all = together === null ? null : await together(words);
  return {
    title: rendered.length === 1 ? (first?.title ?? "") : words.page.several(rendered.length),
    answer: all?.answer ?? first?.answer ?? "",
    together: all?.sections ?? [],
    parts: rendered,
  };
}
