/** How to reach one MySQL server, and which schema on it is ours. */
export interface ConnectionTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly schema: string;
}

/** For people: no password. */
export function describeTarget(target: ConnectionTarget): string {
  return `mysql://${encodeURIComponent(target.user)}@${target.host}:${target.port}/${target.schema}`;
}

/** For programs that need to connect: with the password. Never logged or recorded. */
export function targetUrl(target: ConnectionTarget): string {
  const { user, password, host, port, schema } = target;
  return `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${schema}`;
}
