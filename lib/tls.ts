/**
 * Encrypted connections: what is asked for, in MySQL's own words, and how mysql2 and the MariaDB connector are told it. The
 * harness and every library under measurement take their options from here, so that a run over TLS is one everywhere.
 */
import { connect, isIP, type Socket } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";

/**
 * `required`: encrypted, whoever answers. `verify-ca`: the certificate comes from the given CA. `verify-identity`: it is also
 * made out to the host that was connected to.
 */
export const TLS_MODES = ["required", "verify-ca", "verify-identity"] as const;
export type TlsMode = (typeof TLS_MODES)[number];

export interface TlsPolicy {
  readonly mode: TlsMode;
  /** PEM; null: the certificate authorities that Node knows */
  readonly ca: string | null;
  /** where it was read from, for URLs; null where there is no file */
  readonly caFile: string | null;
  /** whom the certificate must be made out to, where that is not the host connected to: a proxy stands between */
  readonly identity?: string;
}

/** What it is in a {@link ConnectionTarget}; the type there would be a cycle. */
interface TlsTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsPolicy | null;
}

/** Options that both drivers know in `ssl`; each leaves alone what is the other's. */
interface SslOptions {
  ca?: string;
  rejectUnauthorized: boolean;
  /** mysql2: whether the name is checked */
  verifyIdentity: boolean;
  /** MariaDB connector: sent to the server as the name that is wanted */
  servername?: string;
  /** MariaDB connector: how the name is checked */
  checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
}

function sslOptions(connectedTo: string, { mode, ca, identity }: TlsPolicy): SslOptions {
  const host = identity ?? connectedTo;
  const verifyIdentity = mode === "verify-identity";
  return {
    ...(ca !== null && { ca }),
    rejectUnauthorized: mode !== "required",
    verifyIdentity,
    // a name alone: RFC 6066 has no addresses there
    ...(isIP(host) === 0 && { servername: host }),
    // asked for our host, not the one that the connector names: for an address that is "localhost"
    checkServerIdentity: (_host, certificate) => (verifyIdentity ? checkServerIdentity(host, certificate) : undefined),
  };
}

/**
 * mysql2 (3.24.4) gives Node's check of the identity no host where the host is an IP address, and Node then takes the name
 * that the socket was connected to, which an address has none of either, and checks for "localhost": a certificate for
 * that would do for every address, and one for the address for none. So the socket is made here and told its host.
 */
function socketWithHost({ host, port, tls }: TlsTarget): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  Reflect.set(socket, "_host", tls?.identity ?? host);
  return socket;
}

/** What to add to the options of a mysql2 connection or pool. */
export function mysql2Tls(target: TlsTarget): { ssl?: SslOptions; stream?: () => Socket } {
  const { host, tls } = target;
  if (tls === null) return {};
  const ssl = sslOptions(host, tls);
  return tls.mode === "verify-identity" && isIP(host) !== 0 ? { ssl, stream: () => socketWithHost(target) } : { ssl };
}

/** What to add to the options of a pool of the MariaDB connector. */
export function mariadbTls({ host, tls }: TlsTarget): { ssl?: SslOptions } {
  return tls === null ? {} : { ssl: sslOptions(host, tls) };
}
