/** A write as received, before the service decides when it takes effect. */
import { createHash } from "node:crypto";

/** The bodies in the log and the inbox: path parameters and request body together. */
export interface WriteBodies {
  badge: { readonly categoryId: number; readonly active: boolean };
  order: { readonly categoryId: number; readonly amountWon: number };
  redeem: { readonly couponId: number };
}
export type WriteKind = keyof WriteBodies;

export interface Write<Kind extends WriteKind = WriteKind> {
  /** the idempotency key, a UUID in lower case; GET /requests finds an accepted write by it */
  readonly requestId: string;
  /** `requestId` as 16 bytes */
  readonly token: Buffer;
  readonly userId: number;
  readonly kind: Kind;
  readonly body: WriteBodies[Kind];
  /** SHA-256 of kind, user and body: equal hashes mean the same request */
  readonly bodyHash: Buffer;
}

export const tokenOf = (requestId: string): Buffer => Buffer.from(requestId.replaceAll("-", ""), "hex");

export function requestIdOf(token: Buffer): string {
  return token.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @param body with its properties in the order of {@link WriteBodies}, because the hash depends on the order */
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
