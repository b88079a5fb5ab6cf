/** A write as it came, before anybody decided when it takes effect. */
import { createHash } from "node:crypto";

/** What is logged and queued: what the client asked for, path and body together. */
export interface WriteBodies {
  badge: { readonly categoryId: number; readonly active: boolean };
  order: { readonly categoryId: number; readonly amountWon: number };
  redeem: { readonly couponId: number };
}
export type WriteKind = keyof WriteBodies;

export interface Write<Kind extends WriteKind = WriteKind> {
  /** the idempotency key, a UUID in lower case: also the id by which an accepted write is asked for */
  readonly requestId: string;
  /** the same as 16 bytes */
  readonly token: Buffer;
  readonly userId: number;
  readonly kind: Kind;
  readonly body: WriteBodies[Kind];
  /** over everything that makes two writes the same */
  readonly bodyHash: Buffer;
}

export const tokenOf = (requestId: string): Buffer => Buffer.from(requestId.replaceAll("-", ""), "hex");

export function requestIdOf(token: Buffer): string {
  return token.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @param body with its properties in the order of {@link WriteBodies}, which its hash depends on */
export function createWrite<Kind extends WriteKind>(
  requestId: string,
  kind: Kind,
  userId: number,
  body: WriteBodies[Kind],
): Write<Kind> {
  const canonicalId = requestId.toLowerCase();
  const bodyHash = createHash("sha256")
    .update(JSON.stringify([kind, userId, body]))
    .digest();
  return { requestId: canonicalId, token: tokenOf(canonicalId), userId, kind, body, bodyHash };
}
