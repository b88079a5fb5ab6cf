/** A harness that starts a latency proxy and waits until the test kills it. */
import { startLatencyProxy } from "../../harness/rtt/proxy.ts";

const [host = "", port = ""] = process.argv.slice(2);
const proxy = await startLatencyProxy({ host, port: Number(port), delayMs: 1 });
process.send?.(proxy.port);
