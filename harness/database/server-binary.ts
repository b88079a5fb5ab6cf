/** A mysqld that can be run, wherever it comes from. */
export interface ServerBinary {
  readonly command: string;
  /** what stands before mysqld's own options */
  readonly leadingArguments: readonly string[];
  /** where this mysqld finds its own files */
  readonly installArguments: readonly string[];
  readonly version: string;
  /** sha256 over the packages that it came from, if that is known */
  readonly manifest: string | null;
}

/** Options that every start of a private mysqld needs, before any other. */
export function commonArguments(binary: ServerBinary): string[] {
  // mysqld refuses to run as root unless told; in a container root is often the only user
  const asRoot = process.getuid?.() === 0 ? ["--user=root"] : [];
  return [...binary.leadingArguments, "--no-defaults", ...binary.installArguments, ...asRoot];
}
