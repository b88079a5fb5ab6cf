import { Type } from "typebox";
import { createWrite } from "../writes/write.ts";
import { sendAnswer } from "./answer.ts";
import type { RegisterRoutes } from "./context.ts";
import { CategoryId, Id, Time, laterOrProblems, WriteHeaders } from "./schemas.ts";

const MAX_AMOUNT_WON = 1_000_000_000;

export const register: RegisterRoutes = (app, { writer, catalogue }) => {
  app.post(
    "/users/:userId/orders",
    {
      schema: {
        operationId: "createOrder",
        tags: ["orders"],
        summary: "Create an order that is paid at once",
        headers: WriteHeaders,
        params: Type.Object({ userId: Id("a user") }),
        body: Type.Object(
          { categoryId: CategoryId, amountWon: Type.Integer({ minimum: 1, maximum: MAX_AMOUNT_WON }) },
          { additionalProperties: false },
        ),
        response: {
          201: Type.Object({
            requestId: Type.String(),
            userId: Type.Integer(),
            orderId: Type.Integer(),
            categoryId: Type.Integer(),
            amountWon: Type.Integer(),
            orderedAt: Time,
            logId: Type.Integer(),
          }),
          ...laterOrProblems,
        },
      },
    },
    async (request, reply) => {
      const { categoryId, amountWon } = request.body;
      catalogue.requireCategory(categoryId);
      const write = createWrite(request.headers["idempotency-key"], "order", request.params.userId, { categoryId, amountWon });
      return sendAnswer(reply, write, await writer.write(write));
    },
  );
};
