import { expect, it } from "vitest";
import { renderReadme } from "../../scripts/readme.ts";

it("shows the tables that its committed runs give: `npm run readme` brings it up to date", async () => {
  const { found, wanted } = await renderReadme();
  expect(found).toMatch(/<!-- table from \S+ -->/);
  expect(found).toBe(wanted);
});
