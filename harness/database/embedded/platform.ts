/** Checks that `bench` can unpack packages on this machine: Debian or Ubuntu, with the programs and the keyring that this needs. */
import { readFile, stat } from "node:fs/promises";
import { run } from "../../../lib/run-program.ts";
import type { Obstacle } from "../providers/provider.ts";
import { distributionOf, type Platform } from "./apt.ts";

/**
 * The packages for this machine, or the reason why there are none.
 * @param otherWays the fix on another system
 */
export async function detectPlatform(otherWays: string): Promise<Platform | Obstacle> {
  if (process.platform !== "linux") return { reason: `needs Debian or Ubuntu, this is ${process.platform}`, fix: otherWays };
  const osRelease = await readFile("/etc/os-release", "utf8").catch(() => "");
  const dpkg = await run("dpkg", ["--print-architecture"]);
  const architecture = dpkg.stdout.trim();
  const distribution = distributionOf(osRelease, architecture);
  if (distribution === null) {
    const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(osRelease)?.[1] ?? "an unknown system";
    return { reason: `needs Debian or Ubuntu, this is ${name}`, fix: otherWays };
  }
  for (const program of ["apt-get", "dpkg-deb", "tar"])
    if ((await run(program, ["--version"])).exitCode !== 0)
      return { reason: `needs ${program}, which does not run here`, fix: otherWays };
  const hasKeyring = await stat(distribution.keyring).then(
    () => true,
    () => false,
  );
  if (!hasKeyring) {
    const keyringPackage = distribution.name === "Debian" ? "debian-archive-keyring" : "ubuntu-keyring";
    return { reason: `no keyring ${distribution.keyring} to check downloads with`, fix: `apt-get install ${keyringPackage}` };
  }
  return { distribution, architecture };
}
