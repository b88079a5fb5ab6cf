/** The forms of a whole report, by the name of their format. Both have the same sections and figures. */
import type { WrittenFile } from "../parts/output.ts";
import { articleFiles } from "./article/article.ts";
import { reportHtml } from "./html/document.ts";
import type { Report } from "./report.ts";
import { WORDS } from "./words/index.ts";
import type { Language } from "./words/languages.ts";

type Document = (report: Report, language: Language) => Promise<WrittenFile[]>;

const DOCUMENTS: Readonly<Record<string, Document>> = {
  html: async (report, language) => [
    {
      name: language === "en" ? "report.html" : `report.${language}.html`,
      content: await reportHtml(report, language, WORDS[language]),
    },
  ],
  md: articleFiles,
};

/** @param formats names of documents */
export async function documentFiles(formats: readonly string[], report: Report, language: Language): Promise<WrittenFile[]> {
  const files: WrittenFile[] = [];
  for (const format of formats) files.push(...((await DOCUMENTS[format]?.(report, language)) ?? []));
  return files;
}
