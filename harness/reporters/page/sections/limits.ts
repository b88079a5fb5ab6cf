import { notes } from "../../parts/notes.ts";
import { list } from "../block.ts";
import type { Section } from "../section.ts";
import type { RunSubject } from "../subject.ts";

export const limits: Section<RunSubject> = {
  id: "limits",
  title: ({ limits }) => limits.title,
  applies: () => true,
  render: ({ results }, words) => list([...notes(results, words.notes), ...words.limits.always]),
};
