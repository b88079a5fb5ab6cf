/** An executable mysqld from any provider. */
export interface ServerBinary {
  readonly command: string;
  /** arguments before the options of mysqld */
  readonly leadingArguments: readonly string[];
  /** options with the paths of this mysqld's files */
  readonly installArguments: readonly string[];
  readonly version: string;
  /** sha256 of its packages; null if unknown */
  readonly manifest: string | null;
}

/** The first options of every private mysqld. */
export function commonArguments(binary: ServerBinary): string[] {
  // mysqld refuses root without this option; a container often has only root
  const asRoot = process.getuid?.() === 0 ? ["--user=root"] : [];
  return [...binary.leadingArguments, "--no-defaults", ...binary.installArguments, ...asRoot];
}
