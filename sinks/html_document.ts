import type { ReportData } from "../report/data.ts";
import type { PageAssets } from "./html_assets.ts";
import type { Blobs } from "./html_charts.ts";
import { type Html, jsonForScript, markup } from "./html_template.ts";

/** What a page of resmon has beside its frame. */
export interface PageContent {
  readonly title: string;
  /** resmon's version. */
  readonly version: string;
  readonly header: Html;
  readonly sections: readonly (Html | undefined)[];
  readonly footer: Html;
  readonly data: ReportData;
  readonly blobs: Blobs;
}

/** A whole page that needs nothing but itself, in pieces: its numbers may be millions. */
export async function* renderDocument(content: PageContent, assets: PageAssets): AsyncGenerator<string> {
  const { title, version, header, sections, footer, data, blobs } = content;
  yield markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${assets.policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="resmon ${version}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${assets.style}</style>
</head>
<body>
${header}
<main>
${sections}
</main>
${footer}
<script type="application/json" id="data">${jsonForScript(data)}</script>
`.text;
  for (const [id, packed] of blobs) {
    yield markup`<script type="application/octet-stream" id="${id}">`.text;
    // Base64 has nothing to escape, and there is much of it.
    yield await packed();
    yield "</script>\n";
  }
  yield markup`<script>${assets.client}</script>
</body>
</html>
`.text;
}
