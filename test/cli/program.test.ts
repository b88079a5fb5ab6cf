import { describe, expect, it } from "vitest";
import { createProgram } from "../../harness/program.ts";

const verbsFor = async (...args: string[]): Promise<string[]> =>
  (await createProgram(args)).commands.map((command) => command.name());

describe("the program", () => {
  it("contains only the verb that the arguments name, because each further verb takes time to load", async () => {
    expect(await verbsFor("--quiet", "list", "orms")).toEqual(["list"]);
    expect(await verbsFor("run", "chunked")).toEqual(["run"]);
  });
  it("contains every subcommand of a verb that consists of several files", async () => {
    const [api] = (await createProgram(["api", "run"])).commands;
    expect(api?.commands.map((command) => command.name()).toSorted()).toEqual(["cluster", "run", "serve", "setup"]);
  });
  it.each(["", "--help", "help run", "rum", "options", "next", "completion bash"])(
    "contains every verb when the arguments name none: %s",
    async (text) => {
      const args = text === "" ? [] : text.split(" ");
      expect(await verbsFor(...args)).toEqual(await verbsFor());
      expect(await verbsFor(...args)).toEqual(expect.arrayContaining(["api", "compare", "db", "list", "run"]));
    },
  );
});
