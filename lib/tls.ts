/**
 * TLS settings in MySQL's terms, and their options for mysql2 and the MariaDB connector. The harness and every measured
 * library take their options from this file, so that a run over TLS uses TLS everywhere.
 */
import { connect, isIP, type Socket } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";

/**
 * `required`: encrypted, without a check of the certificate. `verify-ca`: the certificate comes from the given CA.
 * `verify-identity`: the certificate also names the host of the connection.
 */
export const TLS_MODES = ["required", "verify-ca", "verify-identity"] as const;
export type TlsMode = (typeof TLS_MODES)[number];

export interface TlsPolicy {
  readonly mode: TlsMode;
  /** PEM; null: the certificate authorities of Node */
  readonly ca: string | null;
  /** the file of `ca`, for URLs; null without a file */
  readonly caFile: string | null;
  /** the host that the certificate must name, if the connection goes to another host such as a proxy */
  readonly identity?: string;
}

/** The part of {@link ConnectionTarget} that this file needs. Its type would cause an import cycle. */
interface TlsTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsPolicy | null;
  readonly socketPath?: string;
}

/** The `ssl` options of both drivers. Each driver ignores the options of the other. */
interface SslOptions {
  ca?: string;
  rejectUnauthorized: boolean;
  /** mysql2: check the host name */
  verifyIdentity: boolean;
  /** MariaDB connector: the host name that TLS sends to the server */
  servername?: string;
  /** MariaDB connector: the check of the host name */
  checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
}

function sslOptions(connectedTo: string, { mode, ca, identity }: TlsPolicy): SslOptions {
  const host = identity ?? connectedTo;
  const verifyIdentity = mode === "verify-identity";
  return {
    ...(ca !== null && { ca }),
    rejectUnauthorized: mode !== "required",
    verifyIdentity,
    // Only host names: RFC 6066 allows no IP address in this field.
    ...(isIP(host) === 0 && { servername: host }),
    // Checks the host of the target. The connector would pass "localhost" for an IP address.
    checkServerIdentity: (_host, certificate) => (verifyIdentity ? checkServerIdentity(host, certificate) : undefined),
  };
}

/**
 * mysql2 (3.24.4) passes no host to Node's identity check if the host is an IP address. Node then takes the name of the
 * socket, which is also empty, and checks for "localhost". A certificate for localhost would pass for every address, and a
 * correct one for none. Therefore this code creates the socket and sets its host.
 */
function socketWithHost({ host, port, tls }: TlsTarget): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  Reflect.set(socket, "_host", tls?.identity ?? host);
  return socket;
}

/** Options for a mysql2 connection or pool: TLS, or a Unix socket, over which there is no TLS. */
export function mysql2Tls(target: TlsTarget): { ssl?: SslOptions; stream?: () => Socket; socketPath?: string } {
  const { host, tls, socketPath } = target;
  if (socketPath !== undefined) return { socketPath };
  if (tls === null) return {};
  const ssl = sslOptions(host, tls);
  return tls.mode === "verify-identity" && isIP(host) !== 0 ? { ssl, stream: () => socketWithHost(target) } : { ssl };
}

/** Options for a pool of the MariaDB connector: TLS, or a Unix socket. */
export function mariadbTls({ host, tls, socketPath }: TlsTarget): { ssl?: SslOptions; socketPath?: string } {
  if (socketPath !== undefined) return { socketPath };
  return tls === null ? {} : { ssl: sslOptions(host, tls) };
}
