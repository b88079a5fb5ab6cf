/** The forms that GitHub shows to a reporter: a wrong key hides a form without an error, a wrong command wastes a report. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parse } from "yaml";
import { createProgram } from "../../harness/program.ts";
import { PROJECT } from "../support/trees.ts";

const FOLDER = join(PROJECT, ".github/ISSUE_TEMPLATE");
const forms = (await readdir(FOLDER)).filter((name) => name !== "config.yml");
const shownToReporters = [
  ...forms.map((name) => `.github/ISSUE_TEMPLATE/${name}`),
  ".github/PULL_REQUEST_TEMPLATE.md",
  "SECURITY.md",
  "CODE_OF_CONDUCT.md",
];

const text = z.string().min(1);
const validations = z.strictObject({ required: z.boolean() }).optional();
const attributes = { label: text, description: text.optional(), placeholder: text.optional() };
const field = { id: z.string().regex(/^[\w-]+$/), validations };
/** The elements that the forms use, as GitHub documents them. */
const form = z.strictObject({
  name: text,
  description: text,
  labels: z.array(text),
  body: z.array(
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("markdown"), attributes: z.strictObject({ value: text }) }),
      z.strictObject({ type: z.literal("input"), ...field, attributes: z.strictObject(attributes) }),
      z.strictObject({
        type: z.literal("textarea"),
        ...field,
        attributes: z.strictObject({ ...attributes, render: z.enum(["console", "typescript"]).optional() }),
      }),
    ]),
  ),
});
const chooser = z.strictObject({
  blank_issues_enabled: z.boolean(),
  contact_links: z.array(z.strictObject({ name: text, url: z.url(), about: text })),
});

describe("the form", () => {
  it.each(forms)("%s has the keys that GitHub takes, ids that differ, and a field that must be filled in", async (name) => {
    const { body } = form.parse(parse(await readFile(join(FOLDER, name), "utf8")));
    const fields = body.filter((element) => element.type !== "markdown");
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    expect(new Set(fields.map((element) => element.attributes.label)).size).toBe(fields.length);
    expect(fields.some((element) => element.validations?.required)).toBe(true);
  });
  it("chooser has the keys that GitHub takes", async () => {
    chooser.parse(parse(await readFile(join(FOLDER, "config.yml"), "utf8")));
  });
});

describe.each(shownToReporters)("%s", (path) => {
  it("names verbs of bench and files of the repository that exist", async () => {
    const content = await readFile(join(PROJECT, path), "utf8");
    const verbs = new Set((await createProgram()).commands.map((command) => command.name()));
    for (const [, verb = ""] of content.matchAll(/(?:`|npx )bench ([a-z]+)/g)) expect(verbs, path).toContain(verb);
    for (const [file] of content.matchAll(/\b(?:SECURITY|CHANGELOG|README)\.md\b|\B\.ci\/run\b/g))
      expect(existsSync(join(PROJECT, file)), file).toBe(true);
  });
});
