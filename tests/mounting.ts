/** Small file systems in memory, which only root can mount. */

import assert from "node:assert/strict";
import { execute } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";

/** A test in a folder that is a file system of `kibibytes`; where none can be mounted it says by name that it did not run. */
export function testOnSmallDisk(
  name: string,
  kibibytes: number,
  test: (folder: string) => Promise<void>,
): void {
  Deno.test(name, () =>
    withTemporaryFolder(async (folder) => {
      const disk = `${folder}/disk`;
      await Deno.mkdir(disk);
      const options = `size=${kibibytes}k,mode=777`;
      const { code, stderr } = await execute(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk]);
      if (code !== 0) return console.warn(`DID NOT RUN: ${name}: ${stderr.trim()}`);
      try {
        await test(disk);
      } finally {
        assert.equal((await execute(["umount", "--lazy", disk])).code, 0);
      }
    }));
}

/** Lets nothing be written to a file system any more. */
export async function makeReadOnly(disk: string): Promise<void> {
  const { code, stderr } = await execute(["mount", "-o", "remount,ro", disk]);
  assert.equal(code, 0, stderr);
}
