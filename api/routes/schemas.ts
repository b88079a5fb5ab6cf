/** Schemas that several routes share. The service converts no types: in a body "1" is not a number. */
import { Type } from "typebox";

const MAX_UNSIGNED_INT = 2 ** 32 - 1;

/** INT UNSIGNED from 1, as in the database. */
export const Id = (description: string) => Type.Integer({ minimum: 1, maximum: MAX_UNSIGNED_INT, description });
/** SMALLINT UNSIGNED */
export const CategoryId = Type.Integer({ minimum: 1, maximum: 65_535, description: "a category" });
export const Uuid = (description: string) =>
  Type.String({ pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", description });
/** One form in every answer, so that clients can compare times as text. */
export const Time = Type.String({
  format: "date-time",
  description: "UTC with milliseconds: 2026-01-01T00:00:00.000Z",
});

export const WriteHeaders = Type.Object({
  "idempotency-key": Uuid("A UUID that the client generates. The same request under the same key takes effect once."),
});

const Problem = Type.Object(
  {
    type: Type.String({ description: "stable: /problems/<code>" }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    batchId: Type.Optional(Type.Integer({ description: "the batch that conflicts with the request" })),
    logRequestId: Type.Optional(Type.String({ description: "the service logged the cause under this id" })),
  },
  { description: "RFC 9457" },
);
const problemAnswer = { description: "A problem", content: { "application/problem+json": { schema: Problem } } };

/** Answers that every route may give. */
export const problems = { "4xx": problemAnswer, "5xx": problemAnswer };

const Accepted = Type.Object(
  { requestId: Type.String(), status: Type.Literal("accepted") },
  { description: "Stored; the service applies the write after the batch commits the user. Location shows the outcome" },
);

/** Answers that a write may give beside its effect. */
export const laterOrProblems = { 202: Accepted, ...problems };
