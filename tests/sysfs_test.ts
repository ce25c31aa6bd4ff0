import assert from "node:assert/strict";
import { byNumber, listFolders, readLine } from "../collectors/sysfs.ts";
import type { Failure } from "../lib/availability.ts";
import { machine } from "./fixture_machine.ts";

Deno.test("byNumber() goes by numbers inside of names", () => {
  const names = ["hwmon10", "hwmon2", "intel-rapl:1", "intel-rapl:0:10", "intel-rapl:0:9", "intel-rapl:0", "hwmon2"];
  assert.deepEqual(names.sort(byNumber), [
    "hwmon2",
    "hwmon2",
    "hwmon10",
    "intel-rapl:0",
    "intel-rapl:0:9",
    "intel-rapl:0:10",
    "intel-rapl:1",
  ]);
});

Deno.test("listFolders() gives paths in their order, and none of a folder that is not there", () => {
  const root = machine({ "/sys/x/b10/name": "", "/sys/x/b9/name": "" });
  assert.deepEqual(listFolders(root, "/sys/x"), ["/sys/x/b9", "/sys/x/b10"]);
  assert.deepEqual(listFolders(root, "/sys/y"), []);
});

Deno.test("readLine() gives the line of a file; what cannot be read, but is there, is told", () => {
  const root = machine({ "/sys/name": "ina3221\n", "/sys/empty": "\n" });
  root.fail("/sys/denied", "EACCES");
  const failures: Failure[] = [];
  const paths = ["/sys/name", "/sys/empty", "/sys/absent", "/sys/denied"];
  assert.deepEqual(paths.map((path) => readLine(root, path, (failure) => failures.push(failure))), [
    "ina3221",
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(failures, [
    { state: "denied", reason: "Cannot read /sys/denied: permission denied (EACCES)" },
  ]);
});
