/** A headless Chromium from a package of npm, for pages that open from disk. */
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Browser } from "puppeteer-core";

/** Why no browser runs here. */
export interface Refusal {
  readonly reason: string;
  /** the package has a Chromium for this platform, which did not start */
  readonly isFault: boolean;
}

/** `npm ci` installs the program itself, for this platform only: it starts without the network. */
const HAS_CHROMIUM = process.platform === "linux" && process.arch === "x64";

/** Chromium needs the Network Security Services, which a bare Debian lacks: the package has these libraries for servers of Amazon. */
async function withOwnLibraries(inflate: (file: string) => Promise<string>): Promise<NodeJS.ProcessEnv> {
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  await inflate(join(dirname(entry), "../bin/al2023.tar.br"));
  return { ...process.env, LD_LIBRARY_PATH: join(tmpdir(), "al2023", "lib") };
}

export async function startBrowser(): Promise<Browser | Refusal> {
  try {
    const [{ default: chromium, inflate }, { default: puppeteer }] = await Promise.all([
      import("@sparticuz/chromium"),
      import("puppeteer-core"),
    ]);
    const launch = async (env: NodeJS.ProcessEnv): Promise<Browser> =>
      puppeteer.launch({ executablePath: await chromium.executablePath(), args: chromium.args, headless: "shell", env });
    try {
      return await launch(process.env);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("shared libraries"))) throw error;
      return await launch(await withOwnLibraries(inflate));
    }
  } catch (error) {
    const reason = `no headless Chromium on ${process.platform} ${process.arch}: ${error instanceof Error ? error.message : String(error)}`;
    return { reason, isFault: HAS_CHROMIUM };
  }
}

/**
 * The reason to skip the tests.
 * @param ci the variable CI of the environment
 * @throws Error in CI for a fault: with skipped tests, a CI without a browser checked no page and passed
 */
export function skipReason({ reason, isFault }: Refusal, ci: string | undefined): string {
  if (isFault && ci !== undefined && ci !== "") throw new Error(`${reason}. Install the libraries of Chromium, or unset CI.`);
  return reason;
}
