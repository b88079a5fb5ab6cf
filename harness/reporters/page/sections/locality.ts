/** The costs of a kind of key in the tables: splits, bytes and fill of pages, and the reads of the new rows. */
import { keysTable } from "../../parts/keys.ts";
import { list, table } from "../block.ts";
import type { Section } from "../section.ts";
import type { RunSubject } from "../subject.ts";

export const locality: Section<RunSubject> = {
  id: "locality",
  title: ({ locality: { title } }) => title,
  applies: ({ results }) => keysTable(results) !== null,
  render: ({ results }, { locality: words, keyWords }) => {
    const found = keysTable(results, keyWords);
    return found === null ? [] : [...table(words.table, found.head, found.rows), ...list(found.notes)];
  },
};
