/** Charts as PNG, by packages that only some users need: a report without them names the command that installs them. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { join, dirname } from "node:path";
import { messageOf } from "../../../../lib/errors.ts";

const RENDERER = "@resvg/resvg-wasm";
const FONT = { package: "@fontsource/nanum-gothic", family: "Nanum Gothic", file: "nanum-gothic" } as const;
const FONT_FILES = ["latin", "korean"].flatMap((subset) =>
  [400, 700].map((weight) => `${FONT.file}-${subset}-${weight}-normal.woff2`),
);
/** Pixels of the file for one of the chart, so that text stays sharp. */
const SCALE = 2;

export type ToPng = (svg: string) => Uint8Array;

function folderOf(name: string): string | null {
  try {
    const file = findPackageJSON(name, import.meta.url);
    return file === undefined || !existsSync(file) ? null : dirname(file);
  } catch {
    return null;
  }
}

/** The packages that are missing for PNG files; empty if there are none. */
export const missingForPng = (): string[] => [RENDERER, FONT.package].filter((name) => folderOf(name) === null);

/** A WebAssembly module can be started once in a process. */
let started: Promise<ToPng> | undefined;

async function start(): Promise<ToPng> {
  const [renderer, font] = [folderOf(RENDERER) ?? "", folderOf(FONT.package) ?? ""];
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  // A process that loads this file twice has one renderer: the second start failed, and the report with it.
  await initWasm(await readFile(join(renderer, "index_bg.wasm"))).catch((error: unknown) => {
    if (!/already initialized/i.test(messageOf(error))) throw error;
  });
  // a machine without fonts would draw no text
  const fonts = await Promise.all(FONT_FILES.map((file) => readFile(join(font, "files", file))));
  const fontBuffers = fonts.map((file) => new Uint8Array(file));
  return (svg) => {
    const image = new Resvg(svg, {
      fitTo: { mode: "zoom", value: SCALE },
      font: { fontBuffers, defaultFontFamily: FONT.family, sansSerifFamily: FONT.family },
    });
    try {
      return image.render().asPng();
    } finally {
      image.free();
    }
  };
}

/** @returns null while a package is missing */
export function pngRenderer(): Promise<ToPng> | null {
  if (missingForPng().length > 0) return null;
  started ??= start();
  return started;
}
