/** A process that does what its parent requests, for tests of `NodeProcess`. */

export type Request =
  | { readonly type: "environment" }
  | { readonly type: "echo"; readonly value: unknown }
  | { readonly type: "fail" }
  | { readonly type: "exit"; readonly code: number }
  | { readonly type: "end" }
  | { readonly type: "compute" };

export type Answer =
  | { readonly type: "environment"; readonly variables: NodeJS.ProcessEnv; readonly options: readonly string[] }
  | { readonly type: "echo"; readonly value: unknown }
  | { readonly type: "computing" }
  | { readonly type: "failed"; readonly message: string };

const send = (message: Answer): void => void process.send?.(message);

process.on("message", (request: Request) => {
  if (request.type === "environment") send({ type: "environment", variables: process.env, options: process.execArgv });
  else if (request.type === "echo") send(request);
  else if (request.type === "end") process.disconnect();
  else if (request.type === "exit") process.exit(request.code);
  else if (request.type === "fail") process.send?.({ type: "failed", message: "no disk" }, () => process.exit(1));
  else {
    send({ type: "computing" });
    // a loop without a pause reads no message and notices no closed channel
    setImmediate(() => {
      for (;;);
    });
  }
});
process.on("disconnect", () => process.exit());
