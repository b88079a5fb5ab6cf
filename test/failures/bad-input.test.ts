/** Errors that bench reports before it connects or changes anything. test/cli/usage.test.ts tests more of them. */
import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ErrorCode } from "../../lib/errors.ts";
import { BIN } from "../support/bench.ts";
import { benchInProcess } from "../support/in-process.ts";
import { expectErrorIn, expectOneError, startMarked } from "./shared.ts";

const PASSWORD = "hunter2-and-more";
const NOBODY = `mysql://nobody:${PASSWORD}@127.0.0.1:1/none`;

/** Root may write everywhere, so `nobody` replaces root. 0: the test is not root; null: `nobody` cannot read this tree. */
const NOBODY_UID = 65_534;
const OTHER_USER =
  process.getuid?.() !== 0 ? 0 : spawnSync("test", ["-r", BIN], { uid: NOBODY_UID }).status === 0 ? NOBODY_UID : null;

type Row = readonly [args: string, error: ErrorCode, said: RegExp];

const UNKNOWN: readonly Row[] = [
  ["run nave", "UNKNOWN_NAME", /"nave"[^]*did you mean naive\?/],
  ["run naive --orm prism", "UNKNOWN_NAME", /"prism"[^]*did you mean prisma\?/],
  ["run naive --key uuid7", "UNKNOWN_NAME", /"uuid7"[^]*did you mean uuidv7\?/],
  ["run --suite quik", "UNKNOWN_NAME", /"quik"[^]*did you mean quick\?/],
  ["run naive --format tabel", "UNKNOWN_NAME", /"tabel"[^]*did you mean table\?/],
  ["list strategie", "UNKNOWN_NAME", /"strategie"[^]*did you mean strategies\?/],
  ["rnu naive", "UNKNOWN_NAME", /unknown command 'rnu'[^]*Did you mean run\?/],
  ["db upp", "UNKNOWN_NAME", /unknown command 'upp'[^]*Did you mean up\?/],
  ["run naive --roundz 3", "BAD_OPTION", /unknown option '--roundz'[^]*Did you mean --rounds\?/],
  ["db up --instanze x", "BAD_OPTION", /unknown option '--instanze'[^]*Did you mean --instance\?/],
];

const OUT_OF_RANGE: readonly Row[] = [
  ["run naive --workers 0", "BAD_OPTION", /from 1 to 64, not 0/],
  ["run naive --workers 1e9", "BAD_OPTION", /from 1 to 64, not 1e9/],
  ["run naive --chunk -1", "BAD_OPTION", /from 1 to 1,000,000, not -1/],
  ["run naive --chunk 1e18", "BAD_OPTION", /from 1 to 1,000,000, not 1e18/],
  ["run naive --rounds 1.5", "BAD_OPTION", /"1.5" is not a whole number/],
  ["run naive --rounds 99999999999", "BAD_OPTION", /from 1 to 10,000, not 99999999999/],
  ["run naive --rounds NaN", "BAD_OPTION", /"NaN" is not a number/],
  ["run naive --scale 0", "BAD_OPTION", /above 0 and at most 1,000, not 0/],
  ["load --scale 1e9", "BAD_OPTION", /at most 1,000, not 1e9/],
  ["load --users 1e400", "BAD_OPTION", /"1e400" is not a number/],
  ["load --orders 1e18", "BAD_OPTION", /from 87 to 1,000,000,000, not 1e18/],
  ["load --scale 900", "BAD_OPTION", /--scale 900 makes 27,000,000 users, more than 10,000,000[^]*lower --scale/],
  ["load --scale 0.00008", "BAD_OPTION", /--scale 0\.00008 makes 2 users, fewer than 10[^]*raise --scale/],
  ["load --users 1e6 --scale 100", "BAD_OPTION", /both --scale 100 and --users 1000000[^]*pass --scale, or/],
  ["run naive --scale 0.01 --orders 5000", "BAD_OPTION", /both --scale 0\.01 and --orders 5000/],
  // a timer of Node beyond 24 days fires at once
  ["run naive --cell-limit 600h", "BAD_OPTION", /at most 168h, not 600h/],
  ["run naive --cell-limit 0.0s", "BAD_OPTION", /above 0/],
];

const BAD_URL: readonly Row[] = [
  [`run naive --db mysql://me:${PASSWORD}@host:3306`, "BAD_DATABASE_URL", /has no schema: mysql:\/\/me:\*\*\*@host/],
  [`load --db mysql://me:${PASSWORD}@host/`, "BAD_DATABASE_URL", /has no schema[^]*add a schema/],
  [`load --db mysql://me:p/a#${PASSWORD}@host/s`, "BAD_DATABASE_URL", /%2F %3F %23/],
  [`load --db mysql://me:100%${PASSWORD}@host/s`, "BAD_DATABASE_URL", /percent-encoding[^]*%25/],
  [`run naive --db postgres://me:${PASSWORD}@host/s`, "BAD_DATABASE_URL", /only mysql:\/\/ is supported/],
  [`db status --db mysql://me:${PASSWORD}@host:99999/s`, "BAD_DATABASE_URL", /is invalid/],
];

describe("bad input", () => {
  it.each([...UNKNOWN, ...OUT_OF_RANGE, ...BAD_URL])(
    "is refused with the value and the fix: bench %s",
    async (args, error, said) => {
      const finished = await benchInProcess(args.split(" "), { BENCH_DATABASE_URL: NOBODY });
      expectErrorIn(finished, { error, said, secrets: [PASSWORD] });
      expect(finished.stdout).toBe("");
    },
  );
});

describe("an unusable results folder", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bad-out-"));
    await writeFile(join(folder, "file"), "precious");
    await mkdir(join(folder, "another-run"));
    await writeFile(join(folder, "another-run/records.jsonl"), "precious");
    await mkdir(join(folder, "read-only"));
    await chmod(folder, 0o755);
    await chmod(join(folder, "read-only"), 0o555);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ["is a file", "file", /is a file[^]*pass a folder/],
    ["is below a file", "file/below", /cannot write results to .*: a part of its path is a file/],
    ["holds another run", "another-run", /contains the results of another run[^]*choose a new folder/],
  ])("is refused and unchanged when it %s", async (_what, name, said) => {
    const before = await contents(folder);
    const finished = await benchInProcess(["run", "naive", "--out", join(folder, name), "--db", NOBODY]);
    expectErrorIn(finished, { error: "BAD_OUTPUT_FOLDER", said, secrets: [PASSWORD] });
    expect(await contents(folder)).toEqual(before);
  });

  it.skipIf(OTHER_USER === null)("is refused when the user may not write to it", async () => {
    const options = OTHER_USER === 0 ? {} : { uid: OTHER_USER ?? 0 };
    const place = join(folder, "read-only/below");
    await expectOneError(startMarked(["run", "naive", "--out", place, "--db", NOBODY], options), {
      error: "BAD_OUTPUT_FOLDER",
      said: /cannot write results to .*: this user has no right to it[^]*choose another folder/,
      secrets: [PASSWORD],
    });
  });

  it("is accepted again when a full disk left only an empty file in it", async () => {
    const place = join(folder, "empty");
    await mkdir(place);
    await writeFile(join(place, "records.jsonl"), "");
    expectErrorIn(await benchInProcess(["run", "naive", "--out", place, "--db", NOBODY]), {
      error: "CONNECT_REFUSED",
      said: /no MySQL answered/,
      secrets: [PASSWORD],
    });
  });
});

async function contents(folder: string): Promise<Record<string, string>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const entries = files
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, await readFile(path, "utf8")] as const;
    });
  return Object.fromEntries(await Promise.all(entries));
}
