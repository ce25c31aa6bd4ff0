import assert from "node:assert/strict";
import { chooseInterfaces, NetworkCollector, parseDefaultRoutes, parseNetDev } from "../collectors/network_linux.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import { environmentOf, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const HEADER = "Inter-|   Receive |  Transmit\n face |bytes packets\n";
const NO_LINKS = new ArchiveRoot("");

Deno.test("parseNetDev() adds errors and drops of both ways", () => {
  assert.deepEqual(parseNetDev(`${HEADER}  eth0: 100 2 3 4 0 0 0 0 500 6 7 8 0 0 0 0\n`), [
    { name: "eth0", receiveBytes: 100, receivePackets: 2, transmitBytes: 500, transmitPackets: 6, errors: 22 },
  ]);
});

Deno.test("parseNetDev() reads a name with a colon and a number that touches the name", () => {
  const [alias] = parseNetDev(`${HEADER}eth0:1:12345678 2 0 0 0 0 0 0 5 6 0 0 0 0 0 0\n`);
  assert.equal(alias?.name, "eth0:1");
  assert.equal(alias?.receiveBytes, 12_345_678);
});

Deno.test("parseNetDev() refuses a line that is cut off or lacks columns", () => {
  assert.throws(() => parseNetDev(`${HEADER}eth0: 1 2 3`), SyntaxError);
  assert.throws(() => parseNetDev(`${HEADER}eth0: 1 2 3\n`), /column 9 of eth0 in \/proc\/net\/dev: missing/);
});

Deno.test("parseDefaultRoutes() takes routes to everywhere and no others", () => {
  const text = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n" +
    "bond0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" +
    "tun0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000080\t0\t0\t0\n" +
    "eth1\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
  assert.deepEqual([...parseDefaultRoutes(text)], ["bond0"]);
});

Deno.test("chooseInterfaces() leaves out what a host makes for its containers", () => {
  assert.deepEqual([...chooseInterfaces(laptop(), ["lo", "wlp2s0", "docker0", "veth1a2b"])], ["wlp2s0"]);
});

Deno.test("chooseInterfaces() keeps the default route of a container beside its hardware", () => {
  const root = new ArchiveRoot("/sys/class/net/net1/device\t->\t../../../0000:3b:00.2");
  root.write("/proc/net/route", "Iface\tDestination\neth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
  assert.deepEqual([...chooseInterfaces(root, ["lo", "eth0", "net1", "tunl0"])], ["eth0", "net1"]);
});

Deno.test("chooseInterfaces() takes all but lo where nothing else is known", () => {
  assert.deepEqual([...chooseInterfaces(NO_LINKS, ["lo", "eth0", "eth1"])], ["eth0", "eth1"]);
});

Deno.test("NetworkCollector gives the five counters of an interface", async () => {
  const values = await readOnce(new NetworkCollector(), environmentOf(laptop()));
  assert.deepEqual(Object.fromEntries(values), {
    'network_receive_bytes_total{interface="wlp2s0"}': 800_000,
    'network_transmit_bytes_total{interface="wlp2s0"}': 300_000,
    'network_receive_packets_total{interface="wlp2s0"}': 900,
    'network_transmit_packets_total{interface="wlp2s0"}': 400,
    'network_errors_total{interface="wlp2s0"}': 10,
  });
});

Deno.test("NetworkCollector follows interfaces that come and go", async () => {
  const root = machine({ "/proc/net/dev": `${HEADER}eth0: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n` });
  const collector = new NetworkCollector();
  await collector.open(environmentOf(root));
  root.write("/proc/net/dev", `${HEADER}eth1: 5 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n`);
  assert.equal(valuesNow(collector).get('network_receive_bytes_total{interface="eth1"}'), 5);
  assert.equal(collector.series.length, 5);
});

Deno.test("NetworkCollector says that a namespace has only lo", () => {
  const root = machine({ "/proc/net/dev": `${HEADER}lo: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n` });
  assert.throws(() => new NetworkCollector().open(environmentOf(root)), Unavailable);
});

// One of the captures has lost its last newline on the way.
function whole(text: string): string {
  return `${text.trimEnd()}\n`;
}

testWithFixtures("parseNetDev() reads every capture", (read) => {
  const counts = { jc_net_dev: 2, procfs_net_dev: 4, cadvisor_net_dev_netns: 4, "local_linux6.18/net_dev": 4 };
  for (const [file, count] of Object.entries(counts)) {
    assert.equal(parseNetDev(whole(read(`linux-proc/${file}`))).length, count, file);
  }
  const [wlp4s0] = parseNetDev(whole(read("linux-proc/cadvisor_net_dev_netns")));
  assert.deepEqual([wlp4s0?.receiveBytes, wlp4s0?.transmitBytes, wlp4s0?.errors], [1, 9, 3 + 4 + 11 + 12]);
});
