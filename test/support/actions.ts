/** Workflows and the action, parsed and checked like GitHub does. */
import { validate } from "@actions/languageservice";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TextDocument } from "vscode-languageserver-textdocument";
import { parse } from "yaml";
import { PROJECT } from "./trees.ts";

export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Input {
  readonly description: string;
  readonly default: string;
}

export interface Action {
  readonly inputs: Readonly<Record<string, Input>>;
  readonly runs: { readonly steps: readonly Step[] };
}

export const readAction = async (): Promise<Action> => parse(await readFile(join(PROJECT, "action.yml"), "utf8")) as Action;

export const stepsOf = ({ jobs }: Workflow): Step[] => Object.values(jobs).flatMap(({ steps }) => steps ?? []);

/** @returns the YAML blocks of a page */
export const yamlBlocks = (markdown: string): string[] =>
  [...markdown.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, block = ""]) => block);

/** @returns the errors of GitHub's checker for syntax, contexts and inputs of {@link readAction}, one line each */
export async function diagnose(path: string, text: string): Promise<string[]> {
  const { inputs } = await readAction();
  // the checker reads no inputs of an action that a workflow calls by path
  const byName = text.replaceAll("uses: ./node_modules/orm-shootout", "uses: orm-shootout/orm-shootout@main");
  const diagnostics = await validate(TextDocument.create(`file:///${path}`, "yaml", 0, byName), {
    actionsMetadataProvider: {
      // the inputs of other actions are not in this repository
      fetchActionMetadata: async ({ owner, name }) => ({
        name,
        description: "",
        ...(owner === "orm-shootout" && { inputs }),
      }),
    },
  });
  return diagnostics.map(
    ({ range, message }) => `${path}:${range.start.line + 1}: ${typeof message === "string" ? message : message.value}`,
  );
}
