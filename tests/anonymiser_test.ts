import assert from "node:assert/strict";
import fc from "fast-check";
import { Anonymiser } from "../lib/anonymiser.ts";

function anonymiser(): Anonymiser {
  return new Anonymiser({ hosts: ["node7.hpc.example.org"], users: ["ada", "root", ""] });
}

Deno.test("Anonymiser replaces every kind of secret by one of the same form", () => {
  const cases: readonly [secret: string, replaced: string][] = [
    ["GPU-1c0ffee0-1234-4bcd-8000-00000000a200", "GPU-00000000-0000-4000-8000-000000000001"],
    ["kubepods-pod8f14e45f_ceea_167a_5a36_dedd4bea2543", "kubepods-pod00000000_0000_4000_8000_000000000001"],
    ["/kubepods/pod8f14e45f-ceea-167a-5a36-dedd4bea2543/", "/kubepods/pod00000000-0000-4000-8000-000000000001/"],
    ["3c:52:82:6e:01:ff", "02:00:00:00:00:01"],
    ["3C-52-82-6E-01-FF", "02-00-00-00-00-01"],
    ["hid-3c:52:82:6e:01:ff-battery", "hid-02:00:00:00:00:01-battery"],
    ["eth0_3c:52:82:6e:01:ff", "eth0_02:00:00:00:00:01"],
    ["enx3c52826e01ff", "enx020000000001"],
    ["10.20.30.40/24", "198.18.0.1/24"],
    ["ip-10.20.30.40-iscsi", "ip-198.18.0.1-iscsi"],
    ["fe80::1a2b:3c4d", "2001:db8::1"],
    ["2a02:8071:b780:11::/64", "2001:db8::1/64"],
    ["::1a2b:3c4d:5e6f", "2001:db8::1"],
    ["2A02:8071:B780:11:1A2B:3C4D:5E6F:7081", "2001:db8::1"],
    ["/docker/8f14e45fceea167a5a36dedd4bea2543", `/docker/${"1".padStart(32, "0")}`],
    ["i-0abc12345678def01", "i-00000000000000001"],
    ["Serial Number                     : 1323921042155\n", "Serial Number                     : 90001\n"],
    ['{"serial":"1323","pid":3}', '{"serial":"90001","pid":3}'],
    ['{"pid":3,"serial":1323}', '{"pid":3,"serial":90001}'],
    ['{"Unique ID":"0x5c7d3f2b1a"}', '{"Unique ID":"PRIVATE0001"}'],
    ['"neuron_runtime_tag":"secret"', '"neuron_runtime_tag":"PRIVATE0001"'],
    ['"IOPlatformSerialNumber" = "C02ABC"', '"IOPlatformSerialNumber" = "PRIVATE0001"'],
    ["POWER_SUPPLY_SERIAL_NUMBER=  123", "POWER_SUPPLY_SERIAL_NUMBER=  90001"],
    ["Serial\t\t: 10000000abcdef", "Serial\t\t: PRIVATE0001"],
    ['"CommandLine":"python \\"secret.py\\", --x"', '"CommandLine":"PRIVATE0001"'],
    ["NODE7 and node7.hpc.example.org", "host-2 and host-1"],
    ["/home/ada/x ada-job.scope", "/home/user-1/x user-1-job.scope"],
    ["job_ada.scope node7_ib0", "job_user-1.scope host-2_ib0"],
  ];
  for (const [secret, replaced] of cases) assert.equal(anonymiser().replace(secret), replaced);
});

Deno.test("Anonymiser leaves what only looks like a secret", () => {
  const texts = [
    "0::/user.slice/session.scope\n",
    "0000:41:00.0 at 12:34:56",
    "driver 550.90.07, 127.0.0.1, 0.0.0.0, 1.2.3.4.5",
    "cpu0 1000 50 300 8000 100 0 30 10 20 0",
    "root /root adage canada Ada",
    "MemTotal:       16000000 kB",
    "pid: 4711",
    '{"serial":null,"pid":3} ::1 std::abs',
  ];
  for (const text of texts) assert.equal(anonymiser().replace(text), text);
});

Deno.test("Anonymiser gives the same text the same replacement and different texts different ones", () => {
  const one = anonymiser();
  assert.equal(one.replace("10.0.0.5 10.0.0.6 10.0.0.5"), "198.18.0.1 198.18.0.2 198.18.0.1");
  assert.equal(one.replace("10.0.0.6"), "198.18.0.2");
});

Deno.test("Anonymiser leaves the names of users that vendors and distributions have too", () => {
  const one = new Anonymiser({ hosts: ["ubuntu", "vm"], users: ["nvidia"] });
  const texts = ["nvidia,p3767-0003\0nvidia,tegra234\0", "ID=ubuntu\n", "vm.swapusage: total = 0.00M"];
  for (const text of texts) assert.equal(one.replace(text), text);
});

Deno.test("Anonymiser replaces a name that begins with another one whole", () => {
  const one = new Anonymiser({ hosts: [], users: ["ann", "ann-marie"] });
  assert.equal(one.replace("/run/ann-marie /run/ann"), "/run/user-2 /run/user-1");
});

Deno.test("Anonymiser learns the names of users from their home folders", () => {
  const one = anonymiser();
  one.learn("/home/grace/job and C:\\Users\\alan\\job and /Users/Shared/x");
  assert.equal(one.replace("grace alan Shared"), "user-2 user-3 Shared");
});

Deno.test("Anonymiser replaces addresses and ids wherever they stand, and does not change what it has replaced", () => {
  const around = fc.constantFrom(" ", "\n", '"', ",", "/", "(", "=", "-");
  const address = fc.tuple(fc.integer({ min: 1, max: 126 }), fc.nat(255), fc.nat(255), fc.nat(255))
    .map((bytes) => bytes.join("."));
  fc.assert(fc.property(fc.oneof(address, fc.uuid()), around, around, (secret, before, after) => {
    const one = anonymiser();
    const replaced = one.replace(`x${before}${secret}${after}y`);
    assert.ok(!replaced.includes(secret), replaced);
    assert.equal(one.replace(replaced), replaced);
  }));
});
