/** Shapes that a user's plug-in must have. Node strips types without a check, so a wrong field would fail in the middle of a run. */
import { z } from "zod";
import { CAPABILITIES } from "../../orms/orm.ts";
import { nearest } from "./nearest.ts";
import type { DescribedFields } from "./messages.ts";

/** Stands for a function, which stays in the process of the plug-in. */
const FUNCTION = Object.freeze({});

const functionShape = z.custom((value) => value === FUNCTION, "expected a function");
const idShape = z.string().regex(/^[\w-]+$/, "expected letters, digits, - and _");
const apiShape = z.enum(["native", "builder", "raw-sql"]);

/** A misspelled capability would skip the strategy on every ORM, or skip every strategy on the ORM. */
const capabilityShape = z.enum(CAPABILITIES, {
  error: ({ input }) => {
    const guess = nearest(String(input), CAPABILITIES);
    const known = `use one of ${CAPABILITIES.join(", ")}`;
    return `no capability is named "${String(input)}"; ${guess === undefined ? known : `did you mean ${guess}? (${known})`}`;
  },
});

const count = z.number().nonnegative();
const countByKey = z.union(
  [count, z.object({ serverKey: count, clientKey: count })],
  "expected a number, or { serverKey, clientKey }",
);

const settingsShape = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()], "expected text, a number, true or false"),
);

const SHAPES = {
  strategy: z.object({
    id: idShape,
    summary: z.string(),
    requires: z.array(capabilityShape),
    api: apiShape.optional(),
    usesChunks: z.boolean(),
    splitsByUsers: z.boolean(),
    roundTrips: z.enum(["per-row", "per-chunk", "once"]).optional(),
    server: z
      .object({
        mysql: z.string().optional(),
        mariadb: z.string().nullable().optional(),
        localInfile: z.literal(true, "expected true").optional(),
        temporaryTables: z.literal(true, "expected true").optional(),
      })
      .optional(),
    run: functionShape,
  }),
  orm: z.object({
    id: idShape,
    packageName: z.string(),
    packages: z.array(z.string()).min(1).optional(),
    companions: z.array(z.string()).optional(),
    generatedFolder: z.string().optional(),
    sourceFiles: z.object({ include: z.array(z.string()).optional(), exclude: z.array(z.string()).optional() }).optional(),
    colour: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, "expected #rrggbb")
      .optional(),
    class: z.enum(["raw", "query-builder", "full"]),
    driver: z.string(),
    capabilities: z.set(capabilityShape),
    api: apiShape,
    settings: settingsShape,
    tuned: settingsShape.optional(),
    defaultPoolConnections: z.int().positive(),
    statements: z.object({
      insertOne: countByKey,
      insertMany: count,
      updateOne: count,
      updateWhere: count,
      transaction: count,
      executeBatch: count.optional(),
    }),
    prepare: functionShape.optional(),
    connect: functionShape,
    errorNumber: functionShape.optional(),
  }),
  nativeVariant: z.object({ api: apiShape, summary: z.string(), run: functionShape }),
};

export type DescribedKind = keyof typeof SHAPES;

export const fieldsOf = (kind: DescribedKind): string[] => Object.keys(SHAPES[kind].shape);

/** The required kind of a field, without the text of the validator ("Invalid input: expected string, received undefined"). */
function expectation(issue: z.core.$ZodIssue): string {
  // own messages begin with a small letter
  if (/^[a-z]/.test(issue.message)) return issue.message;
  if (issue.code === "invalid_type") return `expected a value of the type ${issue.expected}`;
  return issue.code === "invalid_value" ? `expected one of ${issue.values.map(String).join(", ")}` : "unexpected value";
}

type Checked = { readonly data: Readonly<Record<string, unknown>> } | { readonly field: string; readonly expected: string };

/** @returns the data of a valid description without its functions, or the first field that is wrong */
export function checkFields(kind: DescribedKind, { data, functions }: DescribedFields): Checked {
  const marks = Object.fromEntries(functions.map((name) => [name, FUNCTION]));
  const checked = SHAPES[kind].safeParse({ ...data, ...marks });
  const issue = checked.error?.issues[0];
  if (issue !== undefined) return { field: issue.path.join("."), expected: expectation(issue) };
  return { data: Object.fromEntries(Object.entries(checked.data ?? {}).filter(([, value]) => value !== FUNCTION)) };
}
