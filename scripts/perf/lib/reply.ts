/** The child's side of `runProcess`. It has no imports, so that it adds nothing to a measured heap. */

export type Reply<Answer> =
  | { readonly type: "answer"; readonly answer: Answer }
  | { readonly type: "failed"; readonly message: string };

/** Runs the one task that the parent sends, sends the answer, and ends the process. */
export function reply<Answer>(work: (task: never) => Promise<Answer>): void {
  const say = (message: Reply<Answer>): void => {
    // Timers or sockets of a library must not keep the process alive.
    process.send?.(message, () => process.exit());
  };
  process.once("message", (task) => {
    work(task as never).then(
      (answer) => say({ type: "answer", answer }),
      (error: unknown) =>
        say({ type: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  // Without the parent, no process reads the answer.
  process.on("disconnect", () => process.exit(1));
  // Ctrl-C reaches the whole process group. The parent decides when this process ends.
  process.on("SIGINT", () => {});
}
