/**
 * Runs `work` in the transaction of a library that throws the error of a failed ROLLBACK. On a dead connection that error
 * hides the first one, which names the cause.
 * @param transact the library's function for transactions
 */
export async function withFirstError<Tx, T>(
  transact: (work: (tx: Tx) => Promise<T>) => PromiseLike<T>,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  let first: { readonly error: unknown } | undefined;
  try {
    return await transact(async (tx) => {
      try {
        return await work(tx);
      } catch (error) {
        first = { error };
        throw error;
      }
    });
  } catch (error) {
    throw first === undefined ? error : first.error;
  }
}
