/** What of a machine's texts is nobody else's business, replaced by something of the same form. */

/** Names that only this machine knows to be names. */
export interface KnownNames {
  readonly hosts: readonly string[];
  readonly users: readonly string[];
}

/** A kind of secret that its form gives away; `made` is what stands in the place of the n-th. */
interface Form {
  readonly pattern: RegExp;
  readonly made: (n: number, secret: string) => string;
}

// Also behind letters and with other hyphens, as in kubepods-pod01234567_89ab_….slice.
const UUID: Form = {
  pattern: /[0-9a-f]{8}([_-])[0-9a-f]{4}(?:\1[0-9a-f]{4}){2}\1[0-9a-f]{12}(?![0-9a-f])/gi,
  made: (n, secret) => `00000000-0000-4000-8000-${digits(n, 12)}`.replaceAll("-", secret.includes("_") ? "_" : "-"),
};
// Also inside the names of batteries and interfaces, as in hid-00:11:22:33:44:55-battery and enx001122334455.
const MAC: Form = {
  pattern:
    /(?<![0-9a-z:])[0-9a-f]{2}(?::[0-9a-f]{2}){5}(?![0-9a-z:])|(?<![\w-])[0-9a-f]{2}(?:-[0-9a-f]{2}){5}(?![\w-])|(?<=\b(?:en|wl|ww)x)[0-9a-f]{12}\b/gi,
  made: (n, secret) => `02${digits(n, 10)}`.replace(/..(?!$)/g, `$&${/[:-]/.exec(secret)?.[0] ?? ""}`),
};
const IPV6: Form = {
  pattern:
    /(?<![\w:.])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,7}(?::[0-9a-f]{1,4}){1,6}|(?:[0-9a-f]{1,4}:){2,7}:|:(?::[0-9a-f]{1,4}){2,7})(?![\w:.])/gi,
  made: (n) => `2001:db8::${n.toString(16)}`,
};
const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const IPV4: Form = {
  pattern: new RegExp(`(?<![\\w.])(?!127\\.|0\\.|255\\.)(?:${OCTET}\\.){3}${OCTET}(?!\\w|\\.\\w)`, "g"),
  made: (n) => `198.18.${Math.floor(n / 256) % 256}.${n % 256}`,
};
// Ids of containers, machines and boots.
const HEX_ID: Form = {
  pattern: /(?<![0-9a-z])[0-9a-f]{32,64}(?![0-9a-z])/gi,
  made: (n, { length }) => digits(n, length),
};
const INSTANCE: Form = { pattern: /\bi-[0-9a-f]{8,17}\b/g, made: (n, { length }) => `i-${digits(n, length - 2)}` };
// What stands behind a key that says so: `Serial Number : 1234`, `"serial": "1234"`, `SERIAL_NUMBER=1234`, `<serial>1234`.
const KEY = "(?:serial(?:[ _]?n(?:umber|o))?|unique[ _]?id|asset[ _]?tag|(?:host|node|computer|user)[ _]?name|" +
  "instance[ _]?(?:id|name)|subnet[ _]?id|runtime[ _]?tag|(?:c(?:ommand)?|process)[ _]?(?:line|name))" +
  '[ \\t]*"?[ \\t]*[:=>][ \\t]*<?';
const KEYED: Form = {
  pattern: new RegExp(
    `(?<=${KEY}")(?:[^"\\\\\\r\\n]|\\\\.)+|(?<=${KEY})(?!null\\b|[ \\t"])[^"\\r\\n<>,;{}\\[\\]]+`,
    "gi",
  ),
  // A number stays one, for JSON.
  made: (n, secret) => /^\d+$/.test(secret) ? `9${digits(n, 4)}` : `PRIVATE${digits(n, 4)}`,
};
const FORMS = [UUID, MAC, IPV6, IPV4, HEX_ID, INSTANCE, KEYED];

const HOMES = /(?<=(?:\/home\/|\/Users\/|\\Users\\{1,2}))[^/\\\s":,;]+/g;
// The last are what images of boards and clouds call everyone; vendors and distributions are called so too.
const NOT_PRIVATE = ["root", "nobody", "localhost", "Shared", "Public", "nvidia", "jetson", "ubuntu", "debian", "pi"];

// A shorter name of a host, such as vm, is a word in what tools print, and tells nothing.
const FEWEST_LETTERS = 3;

/** Replaces names, addresses and serial numbers; the same text by the same replacement, as long as it lives. */
export class Anonymiser {
  readonly #replacements = new Map<string, string>();
  readonly #counts = new Map<Form | "host" | "user", number>();
  // In lower case: hosts are called without regard to it. The user pi is not the Pi in the name of a board.
  readonly #hosts = new Map<string, string>();
  readonly #users = new Map<string, string>();

  constructor({ hosts, users }: KnownNames) {
    const spellings = hosts.flatMap((name) => [name, name.split(".", 1)[0] ?? ""]);
    for (const host of spellings) {
      if (host.length >= FEWEST_LETTERS) this.#addName(host.toLowerCase(), "host", this.#hosts);
    }
    for (const user of users) this.#addName(user, "user", this.#users);
  }

  /** Learns the names of users whose home folders a text mentions: all texts, before the first of them is replaced. */
  learn(text: string): void {
    for (const [user] of text.matchAll(HOMES)) this.#addName(user, "user", this.#users);
  }

  /** A text without secrets. */
  replace(text: string): string {
    return this.replaceForms(this.replaceNames(text));
  }

  /** A text in which everything is replaced whose form tells that it is private, and names are left. */
  replaceForms(text: string): string {
    return FORMS.reduce((rest, form) => rest.replace(form.pattern, (secret) => this.#replacement(form, secret)), text);
  }

  /** A text in which the names of hosts and users are replaced, where they are whole words. */
  replaceNames(text: string): string {
    const names = [...this.#hosts.keys(), ...this.#users.keys()];
    if (names.length === 0) return text;
    // Longer names first: a host name with its domain holds the one without.
    const choice = names.sort((a, b) => b.length - a.length).map(RegExp.escape).join("|");
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${choice})(?![\\p{L}\\p{N}])`, "giu");
    return text.replace(pattern, (name) => this.#users.get(name) ?? this.#hosts.get(name.toLowerCase()) ?? name);
  }

  /** What stands in the place of a whole text that is a serial number or the like. */
  replaceWhole(text: string): string {
    const secret = text.trim();
    return secret === "" ? text : text.replace(secret, () => this.#replacement(KEYED, secret));
  }

  #addName(name: string, kind: "host" | "user", names: Map<string, string>): void {
    if (name.length < 2 || NOT_PRIVATE.includes(name) || names.has(name)) return;
    names.set(name, `${kind}-${this.#next(kind)}`);
  }

  #replacement(form: Form, secret: string): string {
    const known = this.#replacements.get(secret);
    if (known !== undefined) return known;
    const made = form.made(this.#next(form), secret);
    this.#replacements.set(secret, made);
    // What has been replaced once, in a path and again in a link, stays as it is.
    this.#replacements.set(made, made);
    return made;
  }

  #next(kind: Form | "host" | "user"): number {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return count;
  }
}

function digits(n: number, length: number): string {
  return String(n).padStart(length, "0");
}
