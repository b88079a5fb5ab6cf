/** Encrypted connections to a separate server, whose certificates change while it runs. */
import { createConnection } from "mariadb";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectTcp, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../harness/database/index.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { listPlugIns } from "../../harness/registry.ts";
import { executeRun } from "../../harness/run/runner.ts";
import { connect, execute, selectOne, type Connection } from "../../lib/connection.ts";
import { BenchError } from "../../lib/errors.ts";
import { silentLog } from "../../lib/log.ts";
import { targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import { mariadbTls, TLS_MODES, type TlsMode } from "../../lib/tls.ts";
import { makeCertificates, type Certificates } from "../support/certificates.ts";
import { embeddedObstacle, newInstance, type TestInstance } from "../support/instances.ts";
import { variants } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";

const orms = (await listPlugIns("orm")).map(({ value }) => value);

const CERTIFICATES = {
  address: { names: "IP:127.0.0.1" },
  // Node's check of an address would accept this name if it did not receive the address.
  name: { names: "DNS:localhost" },
};

/** The messages of an error and of its causes: libraries wrap the driver's error. */
function reasonsOf(error: unknown): string {
  return error instanceof Error ? `${error.message}; ${reasonsOf(error.cause)}` : "";
}

const SSL_REQUEST_BYTES = 36;

/**
 * MySQL loads no expired certificate, but one may expire while it runs. This server imitates that case up to the TLS
 * handshake.
 */
async function withExpiredCertificate({
  port,
}: ConnectionTarget): Promise<{ port: number; certificates: Certificates } & AsyncDisposable> {
  const certificates = await makeCertificates({ expired: { names: "IP:127.0.0.1", expired: true } });
  const server = createServer((socket) => {
    const real = connectTcp(port, "127.0.0.1");
    real.once("data", (greeting) => void socket.write(greeting));
    const onReadable = (): void => {
      // The client's TLS request. All later bytes belong to TLS.
      if (socket.read(SSL_REQUEST_BYTES) === null) return;
      socket.off("readable", onReadable);
      real.destroy();
      const file = (name: string) => readFileSync(join(certificates.folder, name));
      new TLSSocket(socket, { isServer: true, cert: file("expired.pem"), key: file("expired.key") }).on("error", () => {});
    };
    socket.on("readable", onReadable);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    certificates,
    async [Symbol.asyncDispose]() {
      server.close();
      await certificates[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf((await embeddedObstacle()) !== null)("over TLS", () => {
  let instance: TestInstance;
  let database: Database;
  let certificates: Certificates;
  let stranger: Certificates;
  /** open from the start: new certificates apply only to new connections */
  let admin: Connection;

  beforeAll(async () => {
    instance = newInstance();
    [database, certificates, stranger] = await Promise.all([
      instance.open(),
      makeCertificates(CERTIFICATES),
      makeCertificates({}),
    ]);
    admin = await connect(database.target, { withSchema: false });
    await execute(admin, "CREATE DATABASE tls_orms");
  });
  afterAll(async () => {
    await admin.end();
    await database[Symbol.asyncDispose]();
    await Promise.all([instance, certificates, stranger].map((left) => left[Symbol.asyncDispose]()));
  });

  async function present(certificate: keyof typeof CERTIFICATES): Promise<void> {
    const file = (name: string) => admin.escape(join(certificates.folder, name));
    await execute(admin, `SET GLOBAL ssl_ca = ${file("ca.pem")}, GLOBAL ssl_cert = ${file(`${certificate}.pem`)}`);
    await execute(admin, `SET GLOBAL ssl_key = ${file(`${certificate}.key`)}`);
    await execute(admin, "ALTER INSTANCE RELOAD TLS");
  }

  const targetWith = (mode: TlsMode, parts: Partial<ConnectionTarget> = {}, from: Certificates = certificates) => ({
    ...database.target,
    schema: "tls_orms",
    tls: { mode, ca: mode === "required" ? null : from.caPem, caFile: mode === "required" ? null : from.ca },
    ...parts,
  });

  async function outcome(target: ConnectionTarget): Promise<string> {
    let connection: Connection;
    try {
      connection = await connect(target);
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      expect(error.exitCode).toBe(1);
      return `${error.code}: ${error.message} (${error.fix})`;
    }
    const { Value: cipher } = await selectOne<{ Value: string }>(connection, "SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    await connection.end();
    return cipher === "" ? "plain" : "encrypted";
  }

  const RIGHT = /^encrypted$/;
  test.each<[certificate: keyof typeof CERTIFICATES, host: string, mode: TlsMode, RegExp]>([
    ["address", "127.0.0.1", "required", RIGHT],
    ["address", "127.0.0.1", "verify-ca", RIGHT],
    ["address", "127.0.0.1", "verify-identity", RIGHT],
    ["address", "localhost", "verify-identity", /^TLS_FAILED: .*does not match .*Host: localhost.*\(connect by a host name/],
    ["name", "localhost", "verify-identity", RIGHT],
    ["name", "127.0.0.1", "verify-ca", RIGHT],
    ["name", "127.0.0.1", "verify-identity", /^TLS_FAILED: .*IP: 127\.0\.0\.1 is not in the cert's list/],
  ])("a certificate for the %s at %s with %s has the same result in every library", async (certificate, host, mode, expected) => {
    await present(certificate);
    expect(await outcome(targetWith(mode, { host }))).toMatch(expected);
    // A measured library must be exactly as strict as the harness's own connection.
    const target = targetWith(mode, { host });
    const policy = { poolConnections: 1, isolation: null, statements: "library" } as const;
    for (const orm of orms) {
      await orm.prepare?.();
      const attempt = async (): Promise<unknown> => {
        await using session = await orm.connect({ ...policy, target, storage: "identity" });
        const [row] = await session.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'", []);
        return row?.["Value"];
      };
      if (expected === RIGHT) expect(await attempt(), orm.id).toMatch(/^TLS|AES/);
      else if (orm.driver === "mysql2") expect(await attempt().catch(reasonsOf), orm.id).toMatch(/certificate/);
    }
    // A direct connection, because the connector's pool retries for ten seconds before it reports the reason.
    if (expected !== RIGHT) await expect(createConnection({ ...target, ...mariadbTls(target) })).rejects.toThrow(/certificate/);
  });

  test("an expired certificate is refused with a fix", async () => {
    await using expired = await withExpiredCertificate(database.target);
    const result = await outcome(targetWith("verify-ca", { port: expired.port }, expired.certificates));
    expect(result).toMatch(/^TLS_FAILED: .*certificate has expired \(renew/);
  });

  test.each(["verify-ca", "verify-identity"] as const)("a CA that did not sign the certificate fails with %s", async (mode) => {
    await present("address");
    expect(await outcome(targetWith(mode, {}, stranger))).toMatch(/^TLS_FAILED: .*\(name the CA that signed/);
    expect(await outcome(targetWith(mode, { tls: { mode, ca: null, caFile: null } }))).toMatch(/^TLS_FAILED: .*name the CA/);
  });

  test("a server without TLS is reported, and accepts a connection without TLS", async () => {
    await execute(admin, "SET GLOBAL ssl_ca = '/nowhere/ca.pem'");
    await admin.query("ALTER INSTANCE RELOAD TLS NO ROLLBACK ON ERROR");
    for (const mode of TLS_MODES) expect(await outcome(targetWith(mode))).toMatch(/^TLS_FAILED: .* offers no TLS/);
    expect(await outcome({ ...database.target, schema: "tls_orms" })).toBe("plain");
  });

  test("a server that requires TLS measures every library, and the record contains the mode", async () => {
    await present("address");
    await execute(admin, "SET GLOBAL require_secure_transport = ON");
    const folder = await mkdtemp(join(tmpdir(), "bench-tls-"));
    const measured = variants(
      orms.map(({ id }) => id),
      (id) => id === "mysql2",
    );
    try {
      expect(await outcome({ ...database.target, schema: "tls_orms" })).toMatch(/^TLS_FAILED: .*only encrypted connections/);
      const groups = [{ strategies: ["chunked"], orms: measured, keys: ["identity"], chunkUsers: [50] }];
      const { run, samples } = await executeRun(
        {
          cells: await planCells(groups),
          rounds: 1,
          orderSeed: 1,
          suite: null,
          timeline: null,
          continued: null,
          dataset: { users: 50, orders: 1_000, dormantUsers: 0, dataSeed: 1 },
          database: { kind: "url", target: targetWith("verify-identity", { schema: "tls_run" }), hasPassword: true },
          runId: "tls",
          startedAt: new Date(),
          folder,
        },
        { log: silentLog, signal: new AbortController().signal },
      );
      expect(run.environment.server.tls).toBe("verify-identity");
      expect(JSON.stringify(run)).not.toContain("CERTIFICATE");
      for (const { cell, status, reason } of samples) expect([cell.id, status, reason]).toEqual([cell.id, "ok", null]);
    } finally {
      await execute(admin, "SET GLOBAL require_secure_transport = OFF");
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    ["the right CA", () => ["--tls", "verify-identity", "--tls-ca", certificates.ca], 0, "answers"],
    ["another CA", () => ["--tls-ca", stranger.ca], 1, "error TLS_FAILED:"],
    ["a missing file", () => ["--tls-ca", "/nowhere/ca.pem"], 2, "error BAD_OPTION:"],
  ])("bench db up checks %s", async (_, options, code, said) => {
    await present("address");
    const result = await benchInProcess(["db", "up", "--db", targetUrl(database.target), ...options()]);
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toContain(said);
    expect(result.stderr).not.toContain(database.target.password);
  });
});
