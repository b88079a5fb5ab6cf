import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createDownloadMeter, distributionOf, mirrorsIn } from "../../harness/database/embedded/apt.ts";
import { checkServerVersion } from "../../harness/database/providers/local.ts";
import { bufferPoolMebibytes, serverSettings } from "../../harness/database/settings.ts";
import { silentLog, type Log } from "../../lib/log.ts";

describe("the embedded server's packages", () => {
  test.each([
    ["Debian", "ID=debian\nVERSION_CODENAME=bookworm", "amd64", "Debian", "sid", "http://mirror.example/debian"],
    ["Raspbian", "ID=raspbian\nID_LIKE=debian", "arm64", "Debian", "sid", "http://mirror.example/debian/"],
    ["Ubuntu", "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble", "amd64", "Ubuntu", "noble", "http://mirror.example/ubuntu"],
    ["Ubuntu on ARM", 'ID=ubuntu\nVERSION_CODENAME="noble"', "arm64", "Ubuntu", "noble", "http://mirror.example/ubuntu-ports"],
    [
      "Mint",
      'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=xia\nUBUNTU_CODENAME=noble',
      "amd64",
      "Ubuntu",
      "noble",
      "http://mirror.example/ubuntu",
    ],
  ])("come from the suite and the mirror path of %s", (_name, osRelease, architecture, name, suite, mirror) => {
    const distribution = distributionOf(osRelease, architecture);
    expect(distribution).toMatchObject({ name });
    expect(distribution?.suites[0]).toBe(suite);
    expect(mirror).toMatch(distribution?.mirrorPath ?? /never/);
    expect("http://mirror.example/debian-security").not.toMatch(distribution?.mirrorPath ?? /never/);
  });

  test("come from the mirrors of a list that the sources name", async () => {
    const ubuntu = distributionOf("ID=ubuntu\nVERSION_CODENAME=noble", "amd64");
    if (ubuntu === null) throw new Error("no Ubuntu");
    const folder = await mkdtemp(join(tmpdir(), "bench-mirrors-"));
    const list = join(folder, "apt-mirrors.txt");
    await writeFile(list, "http://one.example/ubuntu/\tpriority:1\nhttps://two.example/ubuntu\tpriority:2\n");
    expect(await mirrorsIn(`mirror+file:${list}`, ubuntu)).toEqual(["http://one.example/ubuntu", "https://two.example/ubuntu"]);
    expect(await mirrorsIn("http://one.example/ubuntu/", ubuntu)).toEqual(["http://one.example/ubuntu"]);
    expect(await mirrorsIn("noble", ubuntu)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  test("are not available on Fedora", () => {
    expect(distributionOf("ID=fedora\nVERSION_ID=44", "x86_64")).toBeNull();
  });

  test("report the progress of their download from the output of apt", () => {
    const seen: string[] = [];
    const progress: Log["progress"] = (label, total, unit) => {
      seen.push(`${label} ${total} ${unit}`);
      return { update: (done) => seen.push(String(done)), stop: () => seen.push("stop") };
    };
    const meter = createDownloadMeter({ ...silentLog, progress }, "MySQL");
    meter.read("Need to get 49.9 MB of archives.\nGet:1 http://m/debian sid/main amd64 a amd64 1 [26.1 M");
    meter.read("B]\nGet:2 http://m/debian sid/main amd64 b amd64 1 [1,089 kB]\n");
    meter.stop();
    expect(seen).toEqual(["Downloading MySQL 50 MB", "26", "27", "stop"]);
  });
});

describe("a mysqld on PATH", () => {
  test.each(["mysqld  Ver 8.0.30 for Linux on x86_64 (MySQL Community Server - GPL)", "/usr/sbin/mysqld  Ver 9.7.4-2 for Linux"])(
    "is accepted: %s",
    (printed) => {
      expect(checkServerVersion(printed)).toHaveProperty("version");
    },
  );

  test.each([
    ["mysqld  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu", "MariaDB"],
    ["mysqld  Ver 8.0.29 for Linux on x86_64", "older than 8.0.30"],
    ["mysqld  Ver 5.7.44 for Linux on x86_64", "older than 8.0.30"],
    ["cannot execute", "cannot execute"],
  ])("is refused with the reason: %s", (printed, reason) => {
    const checked = checkServerVersion(printed);
    expect("reason" in checked ? checked.reason : "").toContain(reason);
  });
});

describe("the settings", () => {
  test("are durable in every profile", () => {
    for (const profile of ["bench", "test"] as const)
      expect(Object.fromEntries(serverSettings(profile))).toMatchObject({
        "innodb-flush-log-at-trx-commit": "1",
        "sync-binlog": "1",
        "innodb-doublewrite": "ON",
      });
  });

  test("give the buffer pool 1 GiB, or a quarter of a small machine's memory", () => {
    const gibibyte = 1024 ** 3;
    expect(bufferPoolMebibytes("bench", 16 * gibibyte)).toBe(1024);
    expect(bufferPoolMebibytes("bench", 2 * gibibyte)).toBe(512);
    expect(bufferPoolMebibytes("bench", gibibyte / 4)).toBe(128);
  });

  test("are the same in docker-compose.yml", async () => {
    const file = await readFile(new URL("../../docker-compose.yml", import.meta.url), "utf8");
    const arguments_ = [...file.matchAll(/^ {6}- --([\w-]+)=(?:\$\{\w+:-)?([^\s}]+)\}?$/gm)].map(([, name, value]) => [
      name,
      value,
    ]);
    expect(Object.fromEntries(arguments_)).toEqual(Object.fromEntries(serverSettings("bench", 64 * 1024 ** 3)));
  });
});
