/** A child that ended or failed instead of answering. */
export class ChildFailure extends Error {
  override readonly name = "ChildFailure";
}
