/**
 * Turns system errors about files into errors for a user: a full disk, a missing right or a wrong path, without a stack
 * trace.
 */
import { BenchError, messageOf } from "./errors.ts";

const NO_SPACE = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
/** Without ENOENT: a missing file that the code expects is a fault of the code, not of the user. */
const NOT_ALLOWED = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "EEXIST", "ENAMETOOLONG", "ELOOP"]);

const OWN_FILES = "move the files of bench by setting ORM_SHOOTOUT_HOME to another folder";

/** The causes in words. The system's texts ("ENOENT: no such file or directory, open '...'") repeat the path. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "this user has no right to it",
  EPERM: "this user has no right to it",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file",
  EROFS: "its disk is read only",
};

/** Why the system refused a file, for a message that names the file. */
export function reasonOfFile(error: unknown): string {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  return REASONS[code] ?? withoutCall(messageOf(error));
}

/** Removes the name of the system call and its paths. */
const withoutCall = (message: string): string => message.replace(/, \w+( '.*)?$/, "");

/**
 * @param path the file, if the error does not name it, such as an error of a write to an open file. An error without any
 * path is not about a file.
 * @param more further clauses of the fix; by default they explain how to move the files of `bench`
 * @returns null if neither the disk nor a right nor the path caused the error
 */
export function fileFailure(error: unknown, path?: string, more: readonly string[] = [OWN_FILES]): BenchError | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  const place = path ?? ("path" in error && typeof error.path === "string" ? error.path : null);
  const isFull = NO_SPACE.has(error.code);
  if (place === null || !(isFull || NOT_ALLOWED.has(error.code))) return null;
  return new BenchError(
    "FILE_UNUSABLE",
    `${place}: ${withoutCall(messageOf(error))}`,
    [isFull ? "free space on that disk" : "choose a path that this user may write", ...more].join("; "),
    error,
  );
}

/**
 * Awaits `work`. @throws BenchError FILE_UNUSABLE if disk, rights or path caused the failure, and otherwise the original
 * error
 */
export async function writing<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw fileFailure(error, path) ?? error;
  }
}
