/** The wall clock of a process, shifted by a signal. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CLOCK_FILE_VARIABLE, CLOCK_MODULE, CLOCK_SIGNAL } from "../../harness/chaos/clock/variables.ts";
import { NodeProcess } from "../../lib/node-process.ts";

interface Clock {
  readonly type: "clock";
  readonly nowMs: number;
  readonly madeMs: number;
  readonly isDate: boolean;
  readonly threadMs: number;
  readonly year: number;
}

const DAY_MS = 86_400_000;

it("moves for a process and its threads, and moves back", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bench-clock-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "clock");
  const child = stack.use(
    new NodeProcess<{ type: "read" }, Clock>(new URL("./clock-process.ts", import.meta.url), {
      nodeOptions: ["--import", CLOCK_MODULE.href],
      environment: { [CLOCK_FILE_VARIABLE]: file },
    }),
  );
  const daysOff = async (): Promise<number[]> => {
    const { nowMs, madeMs, threadMs, isDate, year } = await child.request({ type: "read" }, "clock");
    expect({ isDate, year }).toEqual({ isDate: true, year: 2026 });
    return [nowMs, madeMs, threadMs].map((ms) => Math.round((ms - Date.now()) / DAY_MS) + 0);
  };
  expect(await daysOff()).toEqual([0, 0, 0]);
  for (const days of [-300, 5, 0]) {
    await writeFile(file, String(days * DAY_MS));
    process.kill(child.pid ?? 0, CLOCK_SIGNAL);
    await expect.poll(daysOff).toEqual([days, days, days]);
  }
});
