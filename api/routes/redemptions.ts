import { Type } from "typebox";
import { createWrite } from "../writes/write.ts";
import { sendAnswer } from "./answer.ts";
import type { RegisterRoutes } from "./context.ts";
import { Id, Time, laterOrProblems, WriteHeaders } from "./schemas.ts";

export const register: RegisterRoutes = (app, { writer, catalogue }) => {
  app.post(
    "/users/:userId/coupons/:couponId/redeem",
    {
      schema: {
        operationId: "redeemCoupon",
        tags: ["coupons"],
        summary: "Redeem the user's oldest unredeemed coupon of this kind",
        headers: WriteHeaders,
        params: Type.Object({ userId: Id("a user"), couponId: Id("a kind of coupon") }),
        body: Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })], { description: "empty, or {}" }),
        response: {
          200: Type.Object({
            requestId: Type.String(),
            userId: Type.Integer(),
            couponId: Type.Integer(),
            runId: Type.Integer({ description: "the run of the job that issued the coupon" }),
            sequence: Type.Integer(),
            redeemedAt: Time,
            logId: Type.Integer(),
          }),
          ...laterOrProblems,
        },
      },
    },
    async (request, reply) => {
      const { userId, couponId } = request.params;
      catalogue.requireCoupon(couponId);
      const write = createWrite(request.headers["idempotency-key"], "redeem", userId, { couponId });
      return sendAnswer(reply, write, await writer.write(write));
    },
  );
};
