/** Categories and coupons. These few rows never change, so the service reads them once. */
import type { Database } from "./database/database.ts";
import { ApiProblem } from "./problems.ts";

export interface Catalogue {
  /** @throws ApiProblem category-not-found */
  requireCategory(categoryId: number): void;
  /** @throws ApiProblem coupon-not-found */
  requireCoupon(couponId: number): void;
}

export async function readCatalogue(database: Database): Promise<Catalogue> {
  const ids = async (table: "categories" | "coupons"): Promise<Set<number>> => {
    const rows = await database.withSession((session) => session.rows<{ id: number }>(`SELECT id FROM ${table}`));
    return new Set(rows.map(({ id }) => id));
  };
  const categories = await ids("categories");
  const coupons = await ids("coupons");
  return {
    requireCategory(categoryId) {
      if (!categories.has(categoryId)) throw new ApiProblem("category-not-found", `category ${categoryId} does not exist`);
    },
    requireCoupon(couponId) {
      if (!coupons.has(couponId)) throw new ApiProblem("coupon-not-found", `coupon ${couponId} does not exist`);
    },
  };
}
