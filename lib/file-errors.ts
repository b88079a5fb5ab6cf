/** What the system's errors about files mean to a user: a disk, a right or a path to mend, in place of a stack trace. */
import { BenchError, messageOf } from "./errors.ts";

const NO_SPACE = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
/** ENOENT is none of them: a file that we count on is not the user's mistake. */
const NOT_ALLOWED = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "EEXIST", "ENAMETOOLONG", "ELOOP"]);

const OWN_FILES = "bench keeps its own files where ORM_SHOOTOUT_HOME says";

/**
 * @param path where the error does not tell it, as those of writing to an open file; absent: then it is no file's
 * @param more of the fix, where it is not one of our own files
 */
export function fileFailure(error: unknown, path?: string, more: readonly string[] = [OWN_FILES]): BenchError | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  const place = path ?? ("path" in error && typeof error.path === "string" ? error.path : null);
  const isFull = NO_SPACE.has(error.code);
  if (place === null || !(isFull || NOT_ALLOWED.has(error.code))) return null;
  // the call and its paths are ours
  const reason = messageOf(error).replace(/, \w+( '.*)?$/, "");
  return new BenchError(
    "FILE_UNUSABLE",
    `${place}: ${reason}`,
    [isFull ? "free space there" : "name a place where this user may write", ...more].join("; "),
    error,
  );
}

/** @throws BenchError FILE_UNUSABLE where the disk or the rights are to blame; what it is, otherwise */
export async function writing<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw fileFailure(error, path) ?? error;
  }
}
