/** Text from outside (names of processes, arguments, paths) made safe to show. */

// Controls of C0 and C1, line separators, lone surrogates, and the characters that reorder what stands around them.
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/gu;

/** Shows every character that could steer a terminal as `\xNN` or `\u{NNNN}`; the result is one line. */
export function escapeTerminal(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    return code < 0x100 ? `\\x${digits.padStart(2, "0")}` : `\\u{${digits}}`;
  });
}

const BARE = /^[\w@%+:,./-][\w@%+=:,./-]*$/;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * A command as one line that a shell reads back to the same words: quoted where needed, characters that could steer a
 * terminal as bash, zsh and ksh spell them: `$'a\nb'`.
 */
export function formatCommand(words: readonly string[]): string {
  return words.map((word, at) => at === 0 && word.includes("=") ? quote(word) : formatWord(word)).join(" ");
}

function formatWord(word: string): string {
  return BARE.test(word) ? word : quote(word);
}

function quote(word: string): string {
  if (word.search(UNSAFE) < 0) return `'${word.replaceAll("'", `'\\''`)}'`;
  const inside = word.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replace(UNSAFE, escapeShell);
  return `$'${inside}'`;
}

function escapeShell(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const named = NAMED[char];
  if (named !== undefined) return named;
  // Above ASCII \xNN would be a byte and not a character.
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
