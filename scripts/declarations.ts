import ts from "typescript";

/**
 * Writes the declarations (`.d.ts`) of modules into a folder. Only of what they export themselves: they are not followed into
 * what they import, so that nothing of resmon's inside shows. Throws Error for an export whose type is not spelt out.
 */
export function writeDeclarations(sources: readonly string[], folder: string): void {
  const program = ts.createProgram([...sources], {
    declaration: true,
    emitDeclarationOnly: true,
    isolatedDeclarations: true,
    noResolve: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    outDir: folder,
    types: [],
  });
  const { diagnostics } = program.emit(undefined, (path, text) => Deno.writeTextFileSync(path, fitForOthers(text)));
  const problems = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  if (problems.length > 0) throw new Error(`Cannot write declarations:\n${problems.join("\n")}`);
}

function fitForOthers(declarations: string): string {
  // They find `marks.d.ts` by the name of the JavaScript that it would stand beside.
  const text = declarations.replace(/(?<= from "\.\/\w+)\.ts(?=";)/g, ".js");
  // A program for an older target than esnext has no Symbol.dispose by itself.
  return /\[Symbol\.(d|asyncD)ispose\]/.test(text) ? `/// <reference lib="esnext.disposable" />\n${text}` : text;
}
