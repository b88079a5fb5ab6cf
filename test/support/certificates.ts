/** A certificate authority for one test and its certificates, made by the openssl of the machine. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../lib/run-program.ts";

export interface Certificates extends AsyncDisposable {
  readonly folder: string;
  /** the authority's certificate: its file and its content */
  readonly ca: string;
  readonly caPem: string;
}

export interface CertificateRequest {
  /** as in openssl's subjectAltName: `IP:127.0.0.1,DNS:localhost` */
  readonly names: string;
  /** true: the certificate was valid for one second in 2020 */
  readonly expired?: boolean;
}

async function openssl(folder: string, ...args: string[]): Promise<void> {
  const { exitCode, stderr } = await run("openssl", args, { cwd: folder });
  if (exitCode !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** @returns a folder with `ca.pem`, and for each request `<name>.pem` and `<name>.key` */
export async function makeCertificates(requests: Readonly<Record<string, CertificateRequest>>): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), "certificates-"));
  await openssl(folder, "req", "-x509", ...KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=a test's CA");
  // only `openssl ca` can backdate a certificate
  await writeFile(join(folder, "index.txt"), "");
  const configuration = `
[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\nrand_serial = yes\nnew_certs_dir = .\ncertificate = ca.pem\nprivate_key = ca.key
default_md = sha256\npolicy = any\nunique_subject = no\n[any]\ncommonName = supplied\n`;
  for (const [name, { names, expired = false }] of Object.entries(requests)) {
    await openssl(folder, "req", ...KEY, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    await writeFile(join(folder, `${name}.cnf`), `${configuration}[leaf]\nsubjectAltName = ${names}\n`);
    const dates = expired ? ["-startdate", "20200101000000Z", "-enddate", "20200101000001Z"] : ["-days", "2"];
    const files = ["-config", `${name}.cnf`, "-extensions", "leaf", "-in", `${name}.csr`, "-out", `${name}.pem`];
    await openssl(folder, "ca", "-batch", "-notext", ...dates, ...files);
  }
  const ca = join(folder, "ca.pem");
  return {
    folder,
    ca,
    caPem: await readFile(ca, "utf8"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
