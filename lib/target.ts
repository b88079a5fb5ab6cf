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
  /** a Unix socket in place of host and port; drivers get it from `mysql2Tls` and `mariadbTls` */
  readonly socketPath?: string;
}

/** `host:port`, with an IPv6 address in brackets as in URLs. */
const addressOf = ({ host, port }: ConnectionTarget): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** `?ssl-mode=REQUIRED&socket=/run/mysqld.sock`, or nothing. */
function queryOf({ tls, socketPath }: ConnectionTarget): string {
  const query = new URLSearchParams();
  if (tls !== null) query.set("ssl-mode", tls.mode.toUpperCase().replace("-", "_"));
  if (tls?.caFile) query.set("ssl-ca", tls.caFile);
  if (socketPath !== undefined) query.set("socket", socketPath);
  return query.size === 0 ? "" : `?${query.toString().replaceAll("+", "%20").replaceAll("%2F", "/")}`;
}

/** For messages: without the password. */
export function describeTarget(target: ConnectionTarget): string {
  const { user, schema, socketPath } = target;
  const socket = socketPath === undefined ? "" : `?socket=${socketPath}`;
  return `mysql://${encodeURIComponent(user)}@${addressOf(target)}/${schema}${socket}`;
}

/** For commands that `bench` prints: without the password, with everything else. */
export function publicUrl(target: ConnectionTarget): string {
  return `mysql://${encodeURIComponent(target.user)}@${addressOf(target)}/${encodeURIComponent(target.schema)}${queryOf(target)}`;
}

/** For programs that connect: with the password. No log or record may contain it. */
export function targetUrl(target: ConnectionTarget): string {
  const { user, password, schema } = target;
  return `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${addressOf(target)}/${encodeURIComponent(schema)}${queryOf(target)}`;
}

/** The same server by a proxy, which listens on a port. */
export function withAddress(target: ConnectionTarget, { host, port }: { host: string; port: number }): ConnectionTarget {
  const { socketPath: _socket, ...rest } = target;
  return { ...rest, host, port };
}

/** For Node's `connect`: the socket where there is one, else the port. */
export const nodeAddress = ({
  host,
  port,
  socketPath,
}: Pick<ConnectionTarget, "host" | "port"> & Partial<Pick<ConnectionTarget, "socketPath">>):
  | { path: string }
  | { host: string; port: number } => (socketPath === undefined ? { host, port } : { path: socketPath });
