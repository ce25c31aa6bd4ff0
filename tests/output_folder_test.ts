import assert from "node:assert/strict";
import { runName } from "../commands/output_folder.ts";

function nameOf(...command: readonly string[]): string {
  return runName({ command, host: "box", pid: 7, now: new Date("2026-11-21T09:30:00.123Z") });
}

Deno.test("runName() names a run after its program, on Windows as well", () => {
  assert.equal(nameOf("/usr/bin/make", "-j8"), "20261121T093000Z-make-box-7");
  assert.equal(nameOf("C:\\Tools\\bench.exe", "x"), "20261121T093000Z-bench-box-7");
});

Deno.test("runName() names a run of an interpreter after its script", () => {
  assert.equal(nameOf("python3.13", "-u", "src/train.py"), "20261121T093000Z-train.py-box-7");
  assert.equal(nameOf("C:\\Python\\python.exe", "src\\train.py"), "20261121T093000Z-train.py-box-7");
  assert.equal(nameOf("bash", "-c", "true"), "20261121T093000Z-bash-box-7");
});
