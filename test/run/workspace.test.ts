import { expect, it } from "vitest";
import { ensureDataset } from "../../fixtures/index.ts";
import { openWorkspace } from "../../harness/run/workspace.ts";
import { select } from "../../lib/connection.ts";
import { silentLog } from "../../lib/log.ts";
import { expectNothingLeft } from "../failures/shared.ts";
import { openTestSchema } from "../support/database.ts";

it("an interrupted workspace is cleaned up immediately in any state of its connection", async () => {
  await using schema = await openTestSchema("workspace");
  await ensureDataset(schema.target, { users: 20, orders: 300, dormantUsers: 0, dataSeed: 1 }, { log: silentLog });
  const interruption = new AbortController();
  const workspace = await openWorkspace(schema.target, silentLog, interruption.signal);
  // longer than any test: later statements on the same connection would wait for this one
  const long = select(workspace.admin, "SELECT SLEEP(600)");
  interruption.abort();
  await workspace[Symbol.asyncDispose]();
  expect(
    await long.then(
      () => "ended",
      () => "ended",
    ),
  ).toBe("ended");
  await expectNothingLeft(schema.target);
});
