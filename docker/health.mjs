// The health check of the image: exit code 0 if the service on port 3000 can answer requests.
const { ok } = await fetch("http://127.0.0.1:3000/readyz", { signal: AbortSignal.timeout(2_000) });
process.exitCode = ok ? 0 : 1;
