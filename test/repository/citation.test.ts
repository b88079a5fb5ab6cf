import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

describe("CITATION.cff", () => {
  it("has the fields that version 1.2.0 of the format requires, and the values of package.json", async () => {
    const citation = parse(await read("CITATION.cff")) as Readonly<Record<string, unknown>>;
    const { name, version, license, repository } = JSON.parse(await read("package.json")) as Readonly<Record<string, unknown>>;
    expect(citation).toMatchObject({ "cff-version": "1.2.0", title: name, version, license, type: "software" });
    expect(citation["message"]).toEqual(expect.any(String));
    expect(citation["authors"]).toEqual([{ name: "orm-shootout contributors" }]);
    expect(citation["date-released"]).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect((repository as { url: string }).url).toContain(String(citation["repository-code"]));
  });

  it("has the date of the newest release in CHANGELOG.md", async () => {
    const citation = parse(await read("CITATION.cff")) as Readonly<Record<string, unknown>>;
    expect(await read("CHANGELOG.md")).toContain(`## ${String(citation["version"])} - ${String(citation["date-released"])}`);
  });
});

describe("the license of the data", () => {
  it("is CC BY 4.0, and README and results/README.md name it", async () => {
    const license = await read("results/LICENSE");
    expect(license).toContain("CC-BY-4.0");
    expect(license).toContain("https://creativecommons.org/licenses/by/4.0/");
    expect(await read("README.md")).toContain("(results/LICENSE)");
    expect(await read("results/README.md")).toContain("(LICENSE)");
  });

  it("does not replace that of the code", async () => {
    expect(await read("LICENSE")).toMatch(/^MIT License/);
  });
});
