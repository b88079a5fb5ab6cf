/** Valid and invalid requests, generated from the OpenAPI document of the service. */
import * as fc from "fast-check";
import { randomUUID } from "node:crypto";
import { TARGET_DATE, TOKEN } from "./service.ts";

interface JsonSchema {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "header";
  readonly schema: JsonSchema;
}

export interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: JsonSchema } } };
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const SQL = [
  "1 OR 1=1",
  "' OR '1'='1",
  "1; DROP TABLE users; --",
  "') UNION SELECT user, authentication_string FROM mysql.user -- ",
  "SLEEP(10)",
  "\u0000",
  "%00",
  "../../etc/passwd",
  "\u{1f600}",
  "\u202e1",
  "١",
];
const ODD_NUMBERS = [0, -1, 2 ** 16, 2 ** 31, 2 ** 32, 2 ** 53, 1e21, 1.5, -0.1, Number.MAX_VALUE];

const anything = fc.oneof(
  fc.constantFrom<unknown>(...SQL, ...ODD_NUMBERS, null, true, "true", "1", "", [], {}, [1], { $gt: 0 }),
  fc.jsonValue(),
  fc.string({ unit: "binary", maxLength: 40 }),
);

/** Few keys, so that the same key occurs again with the same or another request. */
const KEYS = Array.from({ length: 12 }, () => randomUUID());
/** Existing values by the name of a field. They reach the rows behind the validation. */
const KNOWN: Readonly<Record<string, readonly unknown[]>> = {
  userId: [1, 2, 3],
  categoryId: [1, 2, 3, 4, 5],
  couponId: [101, 102, 103, 104, 105],
  "idempotency-key": KEYS,
  requestId: KEYS,
  batchId: [1, 2],
  // The last two are invalid: a future date, and a date that does not exist.
  targetDate: [TARGET_DATE, TARGET_DATE, TARGET_DATE, "2025-12-01", "2999-01-01", "2026-02-30"],
};
/** Replacements for values of the schema: with a pause of a minute a batch would not end in this test. */
const INSTEAD: Readonly<Record<string, readonly unknown[]>> = {
  pauseMs: [0, 5],
  chunkUsers: [20, 500],
  style: ["chunked", "chunked", "long", "long", "strategy"],
};

/** Mostly values that match the schema, so that the fuzz gets past the validation; otherwise any value. */
function valueFor(schema: JsonSchema, name = ""): fc.Arbitrary<unknown> {
  const wild = { weight: 1, arbitrary: anything };
  const [instead, known] = [INSTEAD[name], KNOWN[name]];
  if (instead !== undefined) return fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...instead) }, wild);
  const fitting = { weight: 4, arbitrary: right(schema) };
  return known === undefined
    ? fc.oneof(fitting, wild)
    : // Few keys are soon used up, and a used one only reaches a 422.
      fc.oneof({ weight: known === KEYS ? 2 : 8, arbitrary: fc.constantFrom(...known) }, fitting, wild);
}

function right(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(right));
  if (schema.type === "integer") {
    const { minimum = 0, maximum = 100 } = schema;
    // Rows exist for small ids but not for large ones.
    return fc.oneof(fc.integer({ min: minimum, max: minimum + 6 }), fc.constantFrom(minimum, maximum));
  }
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "null") return fc.constant(null);
  if (schema.type === "string")
    return schema.pattern?.startsWith("^[0-9a-fA-F]{8}") === true ? fc.uuid() : fc.string({ maxLength: 12 });
  if (schema.properties !== undefined)
    return fc.record(Object.fromEntries(Object.entries(schema.properties).map(([name, of]) => [name, valueFor(of, name)])), {
      requiredKeys: [],
    });
  return anything;
}

export interface Sent {
  readonly route: Route;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Only characters that HTTP can carry: the client would refuse the others before it sends anything. */
const headerText = (value: unknown): string => String(value).replaceAll(/[^\u0020-\u007e]/g, "?");

/** Requests of a route, mostly valid. */
export function requestFor(route: Route): fc.Arbitrary<Sent> {
  const { parameters = [], requestBody } = route.operation;
  const body = requestBody?.content["application/json"].schema;
  return fc
    .record({
      parameters: fc.tuple(...parameters.map(({ schema, name }) => valueFor(schema, name))),
      json: body === undefined ? fc.constant(undefined) : valueFor(body),
      cut: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(20) }),
      type: fc.oneof(
        { weight: 8, arbitrary: fc.constant("application/json") },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            "text/plain",
            "application/xml",
            "multipart/form-data",
            "",
            "application/json; charset=utf-16",
          ),
        },
      ),
      token: fc.constantFrom(undefined, "x", TOKEN, TOKEN, TOKEN, TOKEN, `${TOKEN} x`, "' OR 1=1"),
    })
    .map(({ parameters: values, json, cut, type, token }) => {
      const headers: Record<string, string> = {};
      let path = route.path;
      for (const [index, parameter] of parameters.entries()) {
        if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(textOf(values[index])));
        else headers[parameter.name] = headerText(values[index]);
      }
      if (token !== undefined) headers["authorization"] = `Bearer ${headerText(token)}`;
      const text = json === undefined ? undefined : JSON.stringify(json);
      if (text !== undefined && type !== "") headers["content-type"] = type;
      return { route, path, headers, body: cut === null ? text : text?.slice(0, cut) };
    });
}

/** Drops characters that a URL cannot contain. */
const textOf = (value: unknown): string =>
  (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).toWellFormed().slice(0, 120);
