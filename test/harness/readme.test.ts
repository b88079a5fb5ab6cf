import { describe, expect, it } from "vitest";
import { renderPages } from "../../scripts/readme.ts";

const pages = await renderPages();
const readme = pages.find(({ path }) => path === "README.md")?.found ?? "";

describe("the generated tables", () => {
  it("are those that the committed runs give: `npm run readme` updates them", () => {
    expect(pages.map(({ path }) => path)).toContain("README.md");
    for (const { path, found, wanted } of pages) expect(found, path).toBe(wanted);
  });

  it("have a legend in README that explains each column and precedes the table", () => {
    const start = readme.indexOf("<!-- table from");
    const [head = ""] = /^\| technique .*$/m.exec(readme.slice(start)) ?? [];
    const columns = head.split("|").map((column) => column.trim());
    expect(columns).toContain("time (median)");
    const legend = readme.slice(0, start);
    for (const column of columns.filter((name) => name !== "")) expect(legend).toContain(`- **${column}**: `);
  });
});
