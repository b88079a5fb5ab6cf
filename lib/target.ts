import type { TlsPolicy } from "./tls.ts";

/** How to reach one MySQL server, and which schema on it is ours. */
export interface ConnectionTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly schema: string;
  /** null: not encrypted */
  readonly tls: TlsPolicy | null;
}

/** `host:port`, an IPv6 address in brackets as URLs have it. */
const addressOf = ({ host, port }: ConnectionTarget): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** For people: no password. */
export function describeTarget(target: ConnectionTarget): string {
  return `mysql://${encodeURIComponent(target.user)}@${addressOf(target)}/${target.schema}`;
}

/** For programs that need to connect: with the password. Never logged or recorded. */
export function targetUrl(target: ConnectionTarget): string {
  const { user, password, schema, tls } = target;
  const query = new URLSearchParams();
  if (tls !== null) query.set("ssl-mode", tls.mode.toUpperCase().replace("-", "_"));
  if (tls?.caFile) query.set("ssl-ca", tls.caFile);
  const options = query.size === 0 ? "" : `?${query.toString().replaceAll("+", "%20")}`;
  return `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${addressOf(target)}/${encodeURIComponent(schema)}${options}`;
}
