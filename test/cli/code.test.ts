import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { registeredCells, shortName } from "../../harness/plan/cells.ts";
import type { PlannedCell } from "../../harness/plan/planned-cell.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { connect, select } from "../../lib/connection.ts";
import { targetUrl } from "../../lib/target.ts";
import { openTestSchema } from "../support/database.ts";
import { benchInProcess } from "../support/in-process.ts";
import { isFull, variants } from "../support/full.ts";

const inTree = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe("bench show", () => {
  const filesIn = (stdout: string): string[] => [...stdout.matchAll(/^\/\/ --- (\S+?)(?::.*)?$/gm)].map(([, file]) => file ?? "");
  const linesOf = (text: string): number => text.trimEnd().split("\n").length;

  it("prints the technique first, and the operations of the library that it calls", async () => {
    const { code, stdout } = await benchInProcess(["show", "chunked/drizzle"]);
    expect(code).toBe(0);
    expect(filesIn(stdout).slice(0, 2)).toEqual(["strategies/chunked.ts", "orms/drizzle/session.ts"]);
    expect(stdout).toMatch(/^\/\/ --- orms\/drizzle\/session\.ts: insertMany, updateWhere, transaction$/m);
    // private members and helpers of these operations come along; others do not
    for (const needed of ["#update(", "function where(", "MAX_VALUES ="]) expect(stdout).toContain(needed);
    for (const other of ["orderTotals(", "updateOne<", "function bind("]) expect(stdout).not.toContain(other);
    expect(stdout).toMatch(/^\/\/ --- every file that the cell executes: .*show chunked\/drizzle --all$/m);
    expect(linesOf(stdout)).toBeLessThan(120);
  });

  it("prints at most 450 lines for every cell", async () => {
    const shown = new Set<string>();
    /** Each file of a technique once, through another library where possible: each cell prints one file and one library. */
    const isNew = ({ cell }: PlannedCell): boolean => {
      const isKnown = shown.has(cell.code) && shown.has(cell.orm);
      shown.add(cell.code).add(cell.orm);
      return !isKnown;
    };
    for (const planned of variants(await registeredCells(), isNew)) {
      const { stdout } = await benchInProcess(["show", shortName(planned.cell)]);
      expect(linesOf(stdout), planned.cell.id).toBeLessThanOrEqual(450);
      expect(stdout, planned.cell.id).toContain(`--- ${planned.cell.code}`);
    }
  });

  it("prints techniques that import only orm-shootout/plugin and files that it prints too", async () => {
    const plugin = await readFile(inTree("plugin.ts"), "utf8");
    const exported = new Set(
      [...plugin.matchAll(/^export (?:type )?\{([^}]+)\}/gm)].flatMap(([, names = ""]) =>
        names.split(",").map((name) => name.trim()),
      ),
    );
    for (const { value } of await listPlugIns("strategy")) {
      const { stdout } = await benchInProcess(["show", `${value.id}/mysql2`, "--technique"]);
      const files = new Set(filesIn(stdout).map((file) => `./${basename(file)}`));
      for (const [, names = "", from = ""] of stdout.matchAll(/^import (?:type )?\{([^}]+)\} from "([^"]+)";$/gm)) {
        if (from !== "orm-shootout/plugin") expect(files, value.id).toContain(from);
        else
          for (const name of names.split(",").map((each) => each.replace("type ", "").trim()))
            expect(exported, `${value.id} imports ${name}`).toContain(name);
      }
    }
  });

  it("prints the files that the cell executes with --all, from the technique down to the library's session", async () => {
    const { code, stdout } = await benchInProcess(["show", "chunked/drizzle", "--all"]);
    expect(code).toBe(0);
    const shown = filesIn(stdout);
    expect(shown).toEqual(
      expect.arrayContaining(["strategies/chunked.ts", "strategies/steps.ts", "workload/rules.ts", "orms/drizzle/session.ts"]),
    );
    expect(shown[0]).toBe("strategies/chunked.ts");
    for (const file of shown) expect(stdout).toContain((await readFile(inTree(file), "utf8")).trimEnd());
    expect(stdout).not.toContain("orms/prisma");
  });

  it("prints a library's native variant instead of the general code, and omits generated files", async () => {
    const own = (await benchInProcess(["show", "unit-of-work/mikro-orm"])).stdout;
    expect(filesIn(own).slice(0, 2)).toEqual(["orms/mikro-orm/unit-of-work.ts", "orms/mikro-orm/changes.ts"]);
    expect(filesIn(own)).not.toContain("strategies/unit-of-work.ts");
    expect((await benchInProcess(["show", "chunked/prisma", "--all"])).stdout).not.toContain("generated/client.ts\n");
  });

  it("prints the key generator, and with --all the tables when the library has a separate file for them", async () => {
    expect(filesIn((await benchInProcess(["show", "chunked/prisma/uuidv7"])).stdout)).toContain("strategies/keys/uuidv7.ts");
    const { stdout } = await benchInProcess(["show", "chunked/prisma/uuidv7", "--all"]);
    for (const file of ["strategies/keys/uuidv7.ts", "orms/prisma/schema.prisma"]) {
      expect(stdout).toContain(`// --- ${file}\n`);
      expect(stdout).toContain((await readFile(inTree(file), "utf8")).trimEnd());
    }
    // an application does not need it: the application runs `prisma generate`
    expect(stdout).not.toContain("// --- orms/prisma/generate.ts");
  });

  it("prints only the technique with --technique, also for a user's file", async () => {
    const { stdout } = await benchInProcess(["show", "naive/prisma", "--technique"]);
    expect(filesIn(stdout)).toEqual(["strategies/naive.ts", "strategies/row-by-row.ts"]);
    const own = await benchInProcess(["show", inTree("test/plugins/exits.ts"), "--orm", "mysql2"]);
    expect(own.code).toBe(0);
    expect(own.stdout).toContain("process.exit");
  });

  it("prints a user's ORM whole, because its layout is unknown", async () => {
    const folder = await mkdtemp(join(tmpdir(), "show-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "mine.ts");
    await writeFile(
      file,
      `import { orm as mysql2 } from ${JSON.stringify(inTree("orms/mysql2/index.ts"))};\nexport const orm = { ...mysql2, id: "mine" };\n`,
    );
    const { code, stdout, stderr } = await benchInProcess(["show", "chunked", "--orm", file]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain((await readFile(file, "utf8")).trimEnd());
  });
});

describe("bench list cells", () => {
  it("states for each cell whether it runs the general code or the library's native variant", async () => {
    const { code, stdout } = await benchInProcess(["list", "cells", "--json"]);
    expect(code).toBe(0);
    const { cells } = JSON.parse(stdout) as { cells: { id: string; code: string; api: string; skipReason: string | null }[] };
    const of = (id: string) => cells.find((cell) => cell.id === id);
    expect(of("unit-of-work/mikro-orm")).toMatchObject({
      code: "orms/mikro-orm/unit-of-work.ts",
      api: "native",
      skipReason: null,
    });
    expect(of("chunked/mikro-orm")).toMatchObject({ code: "strategies/chunked.ts", api: "native" });
    expect(of("preinsert-update/prisma")).toMatchObject({ code: "orms/prisma/preinsert-update.ts", api: "native" });
    expect(of("preinsert-update/drizzle")).toMatchObject({ code: "strategies/preinsert-update.ts", api: "builder" });
    expect(of("unit-of-work/prisma")?.skipReason).toMatch(/offers no unit-of-work/);
  });
});

describe("bench trace", () => {
  let schema: Awaited<ReturnType<typeof openTestSchema>>;
  beforeAll(async () => {
    schema = await openTestSchema("trace");
  });
  afterAll(() => schema[Symbol.asyncDispose]());
  const trace = (...args: string[]) => benchInProcess(["trace", ...args, "--db", targetUrl(schema.target)]);

  it("shows one user's statements in the order of sending, and verifies the result", async () => {
    const { code, stdout, stderr } = await trace("naive/mysql2");
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(stdout).toMatch(/^User \d+: \d badges changed, 1 grade, 1 log, \d coupons; verified\.$/m);
    const order = ["FROM step_execution_log", "FROM coupons", "FROM users", "FROM orders", "FROM badges", "UPDATE badges"];
    order.push("INSERT INTO grade_logs_identity", "UPDATE users SET grade", "INSERT INTO coupon_issues_identity");
    const places = order.map((part) => stdout.indexOf(part));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("shows the statements that a library adds: transactions, selects, prepare and close", async () => {
    const { stdout } = await trace("naive/prisma");
    expect(stdout).toMatch(/query\s+BEGIN/);
    expect(stdout).toMatch(/prepare\+execute\+close\s+INSERT INTO .*grade_logs_identity/);
    expect(stdout).toMatch(/and \d+ commands that only prepare or close statements/);
  });

  it.runIf(isFull)(
    "shows the statements of a library's native variant: it reads entities, then flushes many rows at once",
    async () => {
      const { code, stdout } = await trace("unit-of-work/mikro-orm");
      expect(code).toBe(0);
      expect(stdout).toMatch(/unit-of-work\/mikro-orm.*: orms\/mikro-orm\/unit-of-work\.ts/);
      const order = ["begin", "select `b0`.* from `badges` as `b0` where (", "select `u0`.* from `users`"];
      order.push("insert into `coupon_issues_identity`", "update `users` set", "commit");
      const places = order.map((part) => stdout.toLowerCase().indexOf(part));
      expect(Math.min(...places), stdout).toBeGreaterThan(0);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(stdout.match(/insert into `coupon_issues_identity`/gi)).toHaveLength(1);
    },
  );

  it.runIf(isFull)("shows only text statements in the matched track", async () => {
    for (const { value } of await listPlugIns("orm")) {
      const { code, stdout } = await trace(`chunked/${value.id}/uuidv7/track=matched`);
      expect([value.id, code]).toEqual([value.id, 0]);
      expect(stdout, value.id).not.toMatch(/prepare|execute/);
    }
  });

  it("ends a renewal that hangs at --cell-limit, with exit code 1", async () => {
    const hangs = fileURLToPath(new URL("../plugins/hangs-for-one-user.ts", import.meta.url));
    const { code, stdout, stderr } = await trace(hangs, "--orm", "mysql2", "--cell-limit", "200ms");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^error TRACE_FAILED: hangs-for-one-user\/mysql2\S*: the renewal of one user was not done after 200 ms/m,
    );
    expect(stderr).toMatch(/--cell-limit/);
  });

  it("leaves nothing behind on the server", async () => {
    const connection = await connect(schema.target, { withSchema: false });
    const left = await select(connection, "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE ?", [
      `${schema.target.schema}%`,
    ]);
    await connection.end();
    expect(left).toEqual([]);
  });
});
