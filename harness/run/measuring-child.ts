/** Starts and controls a measuring process: sends messages, waits for answers, and ends the process reliably. */
import { setTimeout as delay } from "node:timers/promises";
import { NodeProcess, stripTypes, type StartOptions } from "../../lib/node-process.ts";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { PACKAGES_VARIABLE } from "../packages/hook.ts";
import { movedPackages } from "../packages/package-set.ts";
import type { ToChild } from "../protocol.ts";
import { TREE_URL } from "../registry.ts";
import { ChildFailure } from "./child-failure.ts";
import { readAnswer, type ChildMessage } from "./child-messages.ts";
import { descendantsOf, endProcesses, MARK_VARIABLE, newMark } from "./left-processes.ts";

const HOOK = new URL("../packages/hook.ts", import.meta.url).href;

/** The last output of a crashing library often contains the reason; this limits the memory for it. */
const MAX_STDERR_CHARS = 16_000;
/** Output can arrive after the exit event. */
const LAST_WORDS_MS = 1_000;
/** The measured process inherits only the memory limit: colours or a debugger would affect the measurement. */
const MEMORY_OPTIONS = process.env["NODE_OPTIONS"]?.match(/--max[-_]old[-_]space[-_]size=\d+/g)?.join(" ") ?? "";
/** Lines and headings of native and JavaScript stack traces. */
const STACK_LINE = /^(\d+: |at |\[\w+:|-----|<---)/;

/** The reason of an unexpected end. */
function describeEnd(how: string, stderr: string): string {
  if (stderr.includes("JavaScript heap out of memory"))
    return "the measured process ran out of memory (NODE_OPTIONS=--max-old-space-size=<MB> sets its limit)";
  const lines = stderr.split("\n").map((line) => line.trim());
  const last = lines.findLast((line) => line !== "" && !STACK_LINE.test(line));
  const why = how === "SIGKILL" ? ": a user killed it, or the system ran out of memory" : "";
  return `the measured process ended unexpectedly (${how})${last === undefined ? why : `: ${last}`}`;
}

/** Options of a process that loads the library in the version of the cell. */
export const packageOptions = (
  packages: PlannedCell["packages"],
): Required<Pick<StartOptions, "nodeOptions" | "environment">> => ({
  nodeOptions: packages === null ? [] : [...stripTypes(TREE_URL), "--import", HOOK],
  environment: { [PACKAGES_VARIABLE]: packages === null ? undefined : JSON.stringify(movedPackages(packages)) },
});

type Answer<Type extends ChildMessage["type"]> = Extract<ChildMessage, { type: Type }>;

export class MeasuringChild implements AsyncDisposable {
  readonly #process: NodeProcess<ToChild, ChildMessage>;
  readonly #mark = newMark();
  #descendants: Awaited<ReturnType<typeof descendantsOf>> = [];
  #stderr = "";

  /** @param planned selects the tree and the packages of the process */
  constructor({ treeUrl, packages }: Pick<PlannedCell, "treeUrl" | "packages"> = { treeUrl: TREE_URL, packages: null }) {
    const { nodeOptions, environment } = packageOptions(packages);
    const failures = {
      failed: (message: string) => new ChildFailure(message),
      ended: async (how: string) => {
        await lastWords;
        return new ChildFailure(describeEnd(how, this.#stderr));
      },
    };
    this.#process = new NodeProcess(new URL("harness/child.ts", treeUrl), {
      treeUrl,
      failures,
      nodeOptions: ["--expose-gc", ...nodeOptions],
      environment: { NODE_OPTIONS: MEMORY_OPTIONS, [MARK_VARIABLE]: this.#mark, ...environment },
      stderr: "pipe",
      killedWithParent: true,
      read: readAnswer,
    });
    const { ended, stderr } = this.#process;
    stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR_CHARS);
    });
    const closed = new Promise((resolve) => stderr?.once("close", resolve));
    // a process that the child left behind can hold the pipe open
    const lastWords = Promise.race([closed, ended.then(() => delay(LAST_WORDS_MS, undefined, { ref: false }))]);
  }

  /** null: the process did not start */
  get pid(): number | null {
    return this.#process.pid;
  }

  send(message: ToChild): void {
    this.#process.send(message);
  }

  /**
   * Waits for a message of one type.
   * @param timeoutMs null waits without a limit
   * @returns null after the timeout
   * @throws ChildFailure if the child reports an error or ends
   */
  waitFor<Type extends ChildMessage["type"]>(
    type: Type,
    timeoutMs: number | null,
    onProgress?: (progress: Answer<"progress">) => void,
  ): Promise<Answer<Type> | null> {
    return this.#process.waitFor(type, {
      timeoutMs,
      onOther: (message) => {
        if (message.type === "progress") onProgress?.(message);
      },
    });
  }

  /** Stops all threads of the process, so that it does nothing more until its end. */
  freeze(): void {
    this.#process.freeze();
  }

  /** Kills the processes that the stopped process left behind. @returns their programs */
  endDescendants(): Promise<string[]> {
    return endProcesses(this.#mark, this.#descendants);
  }

  /** Kills the process at once; the server rolls back its uncommitted changes. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, hasEnded } = this.#process;
    if (pid !== null && !hasEnded) {
      // a running process could start further ones while the list is read
      this.freeze();
      this.#descendants = await descendantsOf(pid);
    }
    await this.#process.stop();
  }
}
