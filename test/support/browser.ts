/** A headless Chromium from a package of npm, for pages that open from disk. */
import type { Browser } from "puppeteer-core";

/** @returns the reason why no browser starts here, such as another processor */
export async function startBrowser(): Promise<Browser | string> {
  try {
    const [{ default: chromium }, { default: puppeteer }] = await Promise.all([
      import("@sparticuz/chromium"),
      import("puppeteer-core"),
    ]);
    const executablePath = await chromium.executablePath();
    return await puppeteer.launch({ executablePath, args: chromium.args, headless: "shell" });
  } catch (error) {
    return `no headless Chromium on ${process.platform} ${process.arch}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
