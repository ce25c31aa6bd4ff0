/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Chart } from "chart.js";
import { drawChart } from "./charts.ts";
import { type ReportData, unpackNumbers } from "./data.ts";
import { makeSortable } from "./sort.ts";

let drawn: Chart<"line", { readonly x: number; readonly y: number }[]>[] = [];

function draw(data: ReportData): void {
  for (const chart of drawn) chart.destroy();
  const axis = { times: unpackNumbers(data.times), seconds: data.seconds, stops: data.stops };
  drawn = data.charts.flatMap((chart) => {
    const canvas = document.getElementById(chart.id);
    return canvas instanceof HTMLCanvasElement ? [drawChart(canvas, chart, axis)] : [];
  });
}

function start(): void {
  const data: ReportData = JSON.parse(document.getElementById("data")?.textContent ?? "{}");
  draw(data);
  for (const table of document.querySelectorAll<HTMLTableElement>("table.sortable")) makeSortable(table);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(data));
  // Paper is light, and the colours of a canvas do not follow a style sheet.
  addEventListener("beforeprint", () => {
    document.documentElement.dataset["theme"] = "light";
    draw(data);
  });
  addEventListener("afterprint", () => {
    delete document.documentElement.dataset["theme"];
    draw(data);
  });
}

start();
