/** The other end of `askProcess`. It imports nothing, so that it adds nothing to a heap that is measured. */

export type Reply<Answer> = { readonly answer: Answer } | { readonly error: string };

/** Does the one task that the parent sends, answers and ends. */
export function reply<Answer>(work: (task: never) => Promise<Answer>): void {
  const say = (message: Reply<Answer>): void => {
    // a library's timers or sockets must not keep the process
    process.send?.(message, () => process.exit());
  };
  process.once("message", (task) => {
    work(task as never).then(
      (answer) => say({ answer }),
      (error: unknown) => say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  // the parent is gone: nobody would read the answer
  process.on("disconnect", () => process.exit(1));
  // Ctrl-C reaches the whole group; the parent decides
  process.on("SIGINT", () => {});
}
