/** scripts/install.sh, with a web server of releases and systems of all kinds. */

import assert from "node:assert/strict";
import { type Ended, execute } from "./program.ts";
import { exists } from "./running.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const INSTALL = new URL("../scripts/install.sh", import.meta.url).pathname;
const TARGET = "x86_64-unknown-linux-gnu";

/** A program that can stand for resmon, by the version that it tells. */
function program(version: string): string {
  return `#!/bin/sh\necho ${version}\n`;
}

/** What a release page holds, by path. */
type Files = Readonly<Record<string, Uint8Array<ArrayBuffer> | string>>;

async function release(path: string, version: string): Promise<Files> {
  const packed = await gzip(program(version));
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", packed)).toHex();
  return { [`${path}/resmon-${TARGET}.gz`]: packed, [`${path}/SHA256SUMS`]: `${sum}  resmon-${TARGET}.gz\n` };
}

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
}

/** What a system is like: the answers of its tools. */
interface System {
  readonly tools?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

// The machine that runs the test may itself be one that is refused.
const USUAL: Readonly<Record<string, string>> = {
  uname: 'case $1 in -s) echo Linux ;; -m) echo "${MACHINE:-x86_64}" ;; esac',
  getconf: "case $1 in GNU_LIBC_VERSION) echo glibc 2.31 ;; PAGESIZE) echo 4096 ;; LONG_BIT) echo 64 ;; esac",
};

/** Runs the installer in a system, with a release page that holds some files. */
async function install(folder: string, files: Files, { tools = {}, env = {} }: System = {}): Promise<Ended> {
  await Deno.mkdir(`${folder}/tools`, { recursive: true });
  for (const [name, script] of Object.entries({ ...USUAL, ...tools })) {
    await Deno.writeTextFile(`${folder}/tools/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => undefined }, (request) => {
    const body = files[new URL(request.url).pathname.slice(1)];
    return body === undefined ? new Response("", { status: 404 }) : new Response(body);
  });
  try {
    return await execute(["sh", INSTALL], {
      env: {
        PATH: `${folder}/tools:${Deno.env.get("PATH")}`,
        HOME: `${folder}/home`,
        RESMON_BASE_URL: `http://127.0.0.1:${server.addr.port}/`,
        ...env,
      },
    });
  } finally {
    await server.shutdown();
  }
}

Deno.test("install.sh puts the latest release into ~/.local/bin, and says that it is not in PATH", () =>
  withTemporaryFolder(async (folder) => {
    const bin = `${folder}/home/.local/bin`;
    const { code, stdout, stderr } = await install(folder, await release("latest/download", "9.9.9"));
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /^resmon 9\.9\.9 is installed: .*\/home\/\.local\/bin\/resmon\n/);
    assert.match(stdout, /is not in your PATH\. Add it: export PATH="/);
    assert.deepEqual(listFolder(bin), ["resmon"]);
    assert.equal((await execute([`${bin}/resmon`])).stdout, "9.9.9\n");
  }));

Deno.test("install.sh takes the release and the folder that it is told", () =>
  withTemporaryFolder(async (folder) => {
    const bin = `${folder}/my programs`;
    const env = {
      RESMON_INSTALL_DIR: bin,
      RESMON_VERSION: "1.2.3",
      PATH: `${folder}/tools:${Deno.env.get("PATH")}:${bin}`,
    };
    const { code, stdout } = await install(folder, await release("download/v1.2.3", "1.2.3"), { env });
    assert.deepEqual({ code, stdout }, { code: 0, stdout: `resmon 1.2.3 is installed: ${bin}/resmon\n` });
  }));

Deno.test("install.sh replaces an earlier resmon in one step", () =>
  withTemporaryFolder(async (folder) => {
    const env = { RESMON_INSTALL_DIR: folder };
    await install(folder, await release("latest/download", "1.0.0"), { env });
    using earlier = await Deno.open(`${folder}/resmon`);
    await install(folder, await release("latest/download", "2.0.0"), { env });
    assert.equal(await new Response(earlier.readable).text(), program("1.0.0"));
    assert.equal((await execute([`${folder}/resmon`])).stdout, "2.0.0\n");
  }));

/** Asserts that the installer refuses, says why, and leaves an earlier resmon alone. */
function testRefusal(what: string, expected: RegExp, { files, system }: { files?: Files; system?: System }): void {
  Deno.test(`install.sh refuses ${what}, and changes nothing`, () =>
    withTemporaryFolder(async (folder) => {
      const bin = `${folder}/home/.local/bin`;
      await Deno.mkdir(bin, { recursive: true });
      await Deno.writeTextFile(`${bin}/resmon`, "earlier");
      const { code, stdout, stderr } = await install(
        folder,
        { ...await release("latest/download", "9.9.9"), ...files },
        system,
      );
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      assert.match(stderr, /^resmon: cannot install: /m);
      assert.match(stderr, expected);
      assert.deepEqual(listFolder(bin), ["resmon"]);
      assert.equal(await Deno.readTextFile(`${bin}/resmon`), "earlier");
    }));
}

testRefusal("a file that was changed on its way", /is not what SHA256SUMS of the release tells/, {
  files: { [`latest/download/resmon-${TARGET}.gz`]: await gzip(program("6.6.6")) },
});
testRefusal("a file that SHA256SUMS does not tell of", /does not tell of resmon-x86_64/, {
  files: { "latest/download/SHA256SUMS": `${"0".repeat(64)}  resmon-${TARGET}.gz.txt\n` },
});
testRefusal("a release that is not there", /download\/v8\.0\.0\/SHA256SUMS cannot be downloaded/, {
  system: { env: { RESMON_VERSION: "8.0.0" } },
});
testRefusal("a folder that cannot be made", /\/resmon cannot be made; choose another by RESMON_INSTALL_DIR/, {
  system: { env: { RESMON_INSTALL_DIR: "/proc/resmon" } },
});
testRefusal("32-bit ARM", /no build for armv7l, only for x86_64 and aarch64/, {
  system: { env: { MACHINE: "armv7l" } },
});
testRefusal("a 32-bit system on a 64-bit kernel", /the system on it is of 32 bits/, {
  system: { env: { MACHINE: "aarch64" }, tools: { getconf: "echo 32" } },
});
testRefusal("macOS", /this is Darwin, and resmon records on Linux only so far/, {
  system: { tools: { uname: "echo Darwin" } },
});
testRefusal("musl", /has the C library musl \(Alpine\), and resmon needs glibc 2\.27/, {
  system: {
    tools: {
      getconf: "case $1 in LONG_BIT) echo 64 ;; *) exit 1 ;; esac",
      ldd: 'echo "musl libc (x86_64)" >&2; exit 1',
    },
  },
});
testRefusal("an old glibc", /has glibc 2\.26, and resmon needs 2\.27 or newer/, {
  system: { tools: { getconf: "case $1 in LONG_BIT) echo 64 ;; *) echo glibc 2.26 ;; esac" } },
});
testRefusal("large pages", /memory pages of 16384 bytes.*Raspberry Pi 5/, {
  system: {
    tools: { getconf: "case $1 in GNU_LIBC_VERSION) echo glibc 2.36 ;; LONG_BIT) echo 64 ;; *) echo 16384 ;; esac" },
  },
});

Deno.test("install.sh of a checkout asks where the releases are", async () => {
  const { code, stderr } = await execute(["sh", INSTALL], { env: { RESMON_BASE_URL: "" } });
  assert.equal(code, 1);
  assert.match(stderr, /say where resmon's releases are: RESMON_BASE_URL=/);
});

Deno.test("install.sh downloads by wget where there is no curl", (test) =>
  withTemporaryFolder(async (folder) => {
    const needed = ["sh", "sed", "mkdir", "mktemp", "rm", "mv", "chmod", "grep", "sha256sum", "gzip", "wget"];
    await Deno.mkdir(`${folder}/only`);
    for (const name of needed) {
      const path = (await execute(["sh", "-c", 'command -v "$0"', name])).stdout.trim();
      if (path === "") return console.warn(`DID NOT RUN: ${test.name}: ${name} is not installed`);
      await Deno.symlink(path, `${folder}/only/${name}`);
    }
    const env = { PATH: `${folder}/tools:${folder}/only`, RESMON_INSTALL_DIR: `${folder}/bin` };
    const { code, stderr } = await install(folder, await release("latest/download", "9.9.9"), { env });
    assert.equal(code, 0, stderr);
    assert.ok(exists(`${folder}/bin/resmon`));
  }));
