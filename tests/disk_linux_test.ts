import assert from "node:assert/strict";
import fc from "fast-check";
import { DiskCollector, isWholeDisk, parseDiskstats } from "../collectors/disk_linux.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import { environmentOf, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

function all(): boolean {
  return true;
}

Deno.test("parseDiskstats() takes sectors of 512 bytes and the milliseconds with a request in flight", () => {
  const [disk] = parseDiskstats("   8       0 sda 10 1 800 5 20 2 1600 9 0 1500 14\n", all);
  assert.deepEqual(disk, {
    name: "sda",
    reads: 10,
    readBytes: 409_600,
    writes: 20,
    writeBytes: 819_200,
    busySeconds: 1.5,
  });
});

Deno.test("parseDiskstats() reads lines of 14, 18 and 20 columns, and empty lines at the end", () => {
  const text = " 8 0 sda 1 0 2 0 3 0 4 0 0 5 6\n 8 1 sdb 1 0 2 0 3 0 4 0 0 5 6 0 0 0 0\n" +
    " 8 2 sdc 1 0 2 0 3 0 4 0 0 5 6 0 0 0 0 0 0\n\n";
  assert.deepEqual(parseDiskstats(text, all).map(({ writeBytes }) => writeBytes), [2048, 2048, 2048]);
});

Deno.test("parseDiskstats() names the column that is missing", () => {
  assert.throws(() => parseDiskstats(" 8 0 sda 1 0 2\n", all), /column 8 of sda in \/proc\/diskstats: missing/);
});

Deno.test("parseDiskstats() gives no smaller number, wherever the text ends", () => {
  const text = laptop().read("/proc/diskstats");
  const whole = parseDiskstats(text, all);
  fc.assert(fc.property(fc.nat(text.length), (length) => {
    try {
      const part = parseDiskstats(text.slice(0, length), all);
      assert.deepEqual(part, whole.slice(0, part.length));
    } catch (error) {
      assert.ok(error instanceof SyntaxError);
    }
  }));
});

Deno.test("isWholeDisk() tells disks from partitions and from devices made of others", () => {
  const links: Record<string, string> = {
    "nvme0n1": "../devices/pci0000:00/0000:00:0e.0/nvme/nvme0/nvme0n1",
    // The head of a multipath disk is no virtual block device, its paths have a name of their own.
    "nvme1n1": "../devices/virtual/nvme-subsystem/nvme-subsys0/nvme1n1",
    "nvme1c0n1": "../devices/pci0000:00/0000:00:0e.1/nvme/nvme1/nvme1c0n1",
    "mmcblk0": "../devices/platform/sdhci/mmc_host/mmc0/mmc0:0001/block/mmcblk0",
    "mmcblk0boot0": "../devices/platform/sdhci/mmc_host/mmc0/mmc0:0001/block/mmcblk0/mmcblk0boot0",
    "cciss!c0d0": "../devices/pci0000:00/0000:00:02.0/cciss0/c0d0/block/cciss!c0d0",
    "sr0": "../devices/pci0000:00/0000:00:1f.2/ata1/block/sr0",
    "md127": "../devices/virtual/block/md127",
    "nbd0": "../devices/virtual/block/nbd0",
  };
  const root = new ArchiveRoot(
    Object.entries(links).map(([name, link]) => `/sys/block/${name}\t->\t${link}`).join("\n"),
  );
  const names = Object.keys(links).map((name) => name.replace("!", "/")).concat("nvme0n1p1", "sda");
  assert.deepEqual(names.filter((name) => isWholeDisk(root, name)), ["nvme0n1", "nvme1n1", "mmcblk0", "cciss/c0d0"]);
});

Deno.test("DiskCollector gives both disks and none of their partitions", async () => {
  const values = await readOnce(new DiskCollector(), environmentOf(laptop()));
  assert.equal(values.size, 10);
  assert.equal(values.get('disk_read_bytes_total{disk="nvme0n1"}'), 80_000 * 512);
  assert.equal(values.get('disk_write_bytes_total{disk="nvme0n1"}'), 160_000 * 512);
  assert.equal(values.get('disk_reads_total{disk="nvme0n1"}'), 1000);
  assert.equal(values.get('disk_writes_total{disk="nvme0n1"}'), 2000);
  assert.equal(values.get('disk_io_seconds_total{disk="sda"}'), 0.015);
});

Deno.test("DiskCollector follows a disk that is unplugged and one that is plugged in", async () => {
  const root = laptop();
  const collector = new DiskCollector();
  await collector.open(environmentOf(root));
  const nvme = " 259       0 nvme0n1 1000 10 80000 500 2000 20 160000 900 0 1500 1400\n";
  root.write("/proc/diskstats", nvme);
  assert.equal(valuesNow(collector).size, 5);
  root.write(
    "/proc/diskstats",
    `${nvme}   8       0 sda 1 0 2 0 3 0 4 0 0 5 6\n   8       1 sda1 1 0 2 0 3 0 4 0 0 5 6\n`,
  );
  const values = valuesNow(collector);
  assert.equal(values.get('disk_read_bytes_total{disk="sda"}'), 1024);
  assert.equal(values.size, 10);
});

Deno.test("DiskCollector says that a machine has no physical disk", () => {
  const root = machine({ "/proc/diskstats": " 7 0 loop0 1 0 2 0 3 0 4 0 0 5 6\n" });
  root.write("/sys/block/loop0/size", "8\n");
  assert.throws(
    () => new DiskCollector().open(environmentOf(root)),
    (error) => error instanceof Unavailable && error.state === "absent" && /no physical one/.test(error.message),
  );
});

testWithFixtures("parseDiskstats() reads every capture", (read) => {
  for (const file of ["jc_diskstats", "node_exporter_diskstats", "procfs_diskstats", "local_linux6.18/diskstats"]) {
    const text = read(`linux-proc/${file}`);
    assert.equal(parseDiskstats(text, all).length, text.trim().split("\n").length, file);
  }
  const sda = parseDiskstats(read("linux-proc/procfs_diskstats"), (name) => name === "sda")[0];
  assert.equal(sda?.readBytes, 1_003_346_126 * 512);
  assert.equal(sda?.busySeconds, 9653.88);
});
