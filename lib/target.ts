import type { TlsPolicy } from "./tls.ts";

/** The address of one MySQL server, the account, and the schema that `bench` uses there. */
export interface ConnectionTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly schema: string;
  /** null: not encrypted */
  readonly tls: TlsPolicy | null;
}

/** `host:port`, with an IPv6 address in brackets as in URLs. */
const addressOf = ({ host, port }: ConnectionTarget): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** For messages: without the password. */
export function describeTarget(target: ConnectionTarget): string {
  return `mysql://${encodeURIComponent(target.user)}@${addressOf(target)}/${target.schema}`;
}

/** For programs that connect: with the password. No log or record may contain it. */
export function targetUrl(target: ConnectionTarget): string {
  const { user, password, schema, tls } = target;
  const query = new URLSearchParams();
  if (tls !== null) query.set("ssl-mode", tls.mode.toUpperCase().replace("-", "_"));
  if (tls?.caFile) query.set("ssl-ca", tls.caFile);
  const options = query.size === 0 ? "" : `?${query.toString().replaceAll("+", "%20")}`;
  return `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${addressOf(target)}/${encodeURIComponent(schema)}${options}`;
}
