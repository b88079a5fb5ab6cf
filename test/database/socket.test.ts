/** `?socket=/path` in the URL of a server: the harness, the proxies in between and every library go that way. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { planCells } from "../../harness/plan/cells.ts";
import { databaseArguments, parseDatabaseSelector } from "../../harness/database/index.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { traceCell } from "../../harness/trace/trace.ts";
import { connect, selectOne } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { targetUrl } from "../../lib/target.ts";
import { testServer } from "../support/worker-server.ts";
import { openTestRuns } from "../support/run.ts";
import { isFull } from "../support/full.ts";

/** A port where nobody listens: what goes by host and port fails. */
const NO_PORT = 1;

it.runIf(isFull)("reaches the server by every library, by the latency proxy and by the trace", { timeout: 240_000 }, async () => {
  const connection = await connect(await testServer(), { withSchema: false });
  const { folder, file } = await selectOne<{ folder: string; file: string }>(
    connection,
    "SELECT @@datadir AS folder, @@socket AS file",
  );
  await connection.end();
  await using runs = await openTestRuns("socket", { port: NO_PORT, socketPath: join(folder, file) });
  const orms = (await listPlugIns("orm")).map(({ value }) => value.id);
  const cell = { strategies: ["chunked"], keys: ["identity"], chunkUsers: [50] };
  const { samples } = await runs.run([
    { ...cell, orms },
    { ...cell, orms: ["mysql2"], addedRttsMs: [1] },
  ]);
  expect(samples.map(({ cell: { orm }, status, reason }) => `${orm} ${reason ?? status}`).toSorted()).toEqual(
    [...orms, "mysql2"].map((orm) => `${orm} ok`).toSorted(),
  );
  const [traced] = await planCells([{ ...cell, orms: ["mysql2"] }]);
  if (traced === undefined) throw new Error("no cell");
  const { commands } = await traceCell(traced, runs.target, { log: silentLog, signal: new AbortController().signal });
  expect(commands.length).toBeGreaterThan(5);
});

it("is part of the target, of the URL for programs and of printed commands, these without the password", () => {
  const url = "mysql://me:secret@localhost:3306/shop?socket=/run/mysqld/mysqld.sock";
  const selector = parseDatabaseSelector({ db: url });
  if (selector.kind !== "url") throw new Error("no URL");
  expect(selector.target.socketPath).toBe("/run/mysqld/mysqld.sock");
  expect(targetUrl(selector.target)).toBe(url);
  expect(databaseArguments(selector)).toEqual(["--db", "mysql://me@localhost:3306/shop?socket=/run/mysqld/mysqld.sock"]);
});

it("keeps a plus sign of its path, which is a blank only in forms", () => {
  const selector = parseDatabaseSelector({ db: "mysql://me@localhost/shop?socket=/run/a+b%20c.sock" });
  expect(selector).toMatchObject({ target: { socketPath: "/run/a+b c.sock" } });
});

it.each([
  ["mysql://me:secret@h/s?socket=mysqld.sock", /no absolute path/],
  ["mysql://me:secret@h/s?socket=/a.sock&ssl-mode=REQUIRED", /TLS over a Unix socket/],
])("is refused where it can't be meant: %s", (db, said) => {
  expect(() => parseDatabaseSelector({ db })).toThrow(said);
});

it("that does not exist is said to be wrong, and not host or port", async () => {
  const nowhere = { ...(await testServer()), socketPath: "/nowhere/mysqld.sock" };
  await expect(connect(nowhere)).rejects.toMatchObject({
    code: "CONNECT_REFUSED",
    fix: expect.stringContaining("path of the socket"),
  });
});
