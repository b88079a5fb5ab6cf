/** A section shows one question of a report. Each file in `sections/` exports one, and `sections/index.ts` orders them. */
import type { Block } from "./block.ts";
import type { Words } from "./words/index.ts";

/** @template Subject the records that the section reads */
export interface Section<Subject> {
  readonly id: string;
  readonly title: (words: Words) => string;
  /** false: the records hold no data for the section, and the report leaves it out */
  readonly applies: (subject: Subject) => boolean;
  readonly render: (subject: Subject, words: Words) => readonly Block[] | Promise<readonly Block[]>;
}

export interface RenderedSection {
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** The report of one run, scenario or series of trials. */
export interface Part {
  /** unique in the report; the prefix of the ids in it */
  readonly id: string;
  readonly title: string;
  /** the answer in one sentence */
  readonly answer: string;
  /** data, server and machine */
  readonly facts: readonly string[];
  readonly sections: readonly RenderedSection[];
}

/** Renders the part for the words of a language. */
export type PartOf = (words: Words) => Promise<Part>;

export async function renderSections<Subject>(
  sections: readonly Section<Subject>[],
  subject: Subject,
  words: Words,
): Promise<RenderedSection[]> {
  const rendered: RenderedSection[] = [];
  for (const { id, title, applies, render } of sections) {
    const blocks = applies(subject) ? await render(subject, words) : [];
    if (blocks.length > 0) rendered.push({ id, title: title(words), blocks });
  }
  return rendered;
}
