/** Shapes that several routes share. Values are taken as they are typed: "1" is no number in a body. */
import { Type } from "typebox";

const MAX_UNSIGNED_INT = 2 ** 32 - 1;

/** As stored: INT UNSIGNED, from 1. */
export const Id = (description: string) => Type.Integer({ minimum: 1, maximum: MAX_UNSIGNED_INT, description });
/** SMALLINT UNSIGNED */
export const CategoryId = Type.Integer({ minimum: 1, maximum: 65_535, description: "a category" });
export const Uuid = (description: string) =>
  Type.String({ pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", description });
export const Time = Type.String({ format: "date-time" });

export const WriteHeaders = Type.Object({
  "idempotency-key": Uuid("A UUID of the client's own. The same request under the same key takes effect once."),
});

const Problem = Type.Object(
  {
    type: Type.String({ description: "stable: /problems/<code>" }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    batchId: Type.Optional(Type.Integer({ description: "of the batch that is in the way" })),
  },
  { description: "RFC 9457" },
);
const problemAnswer = { description: "A problem", content: { "application/problem+json": { schema: Problem } } };

/** What any route may answer instead. */
export const problems = { "4xx": problemAnswer, "5xx": problemAnswer };

const Accepted = Type.Object(
  { requestId: Type.String(), status: Type.Literal("accepted") },
  { description: "Stored, and applied as soon as the batch lets go of the user: Location says where to ask" },
);

/** What a write may be answered beside its effect. */
export const laterOrProblems = { 202: Accepted, ...problems };
