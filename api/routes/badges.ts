import { Type } from "typebox";
import { createWrite } from "../writes/write.ts";
import { sendAnswer } from "./answer.ts";
import type { RegisterRoutes } from "./context.ts";
import { CategoryId, Id, Time, laterOrProblems, WriteHeaders } from "./schemas.ts";

export const register: RegisterRoutes = (app, { writer, catalogue }) => {
  app.put(
    "/users/:userId/badges/:categoryId",
    {
      schema: {
        operationId: "setBadge",
        tags: ["badges"],
        summary: "Set a badge manually; after the cut-off of a batch the change wins over the batch",
        headers: WriteHeaders,
        params: Type.Object({ userId: Id("a user"), categoryId: CategoryId }),
        body: Type.Object({ active: Type.Boolean() }, { additionalProperties: false }),
        response: {
          200: Type.Object({
            requestId: Type.String(),
            userId: Type.Integer(),
            categoryId: Type.Integer(),
            active: Type.Boolean(),
            changedAt: Time,
            logId: Type.Integer(),
          }),
          ...laterOrProblems,
        },
      },
    },
    async (request, reply) => {
      const { userId, categoryId } = request.params;
      catalogue.requireCategory(categoryId);
      const write = createWrite(request.headers["idempotency-key"], "badge", userId, { categoryId, active: request.body.active });
      return sendAnswer(reply, write, await writer.write(write));
    },
  );
};
