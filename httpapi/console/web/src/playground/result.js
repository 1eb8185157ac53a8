// The regions of the result and of the error.

import {phaseBar} from "../components/bar.js";
import {chart} from "../components/chart.js";
import {copyButton} from "../components/copy.js";
import {notice} from "../components/notice.js";
import {dataTable} from "../components/table.js";
import {tabs} from "../components/tabs.js";
import {checkResult, tableOf} from "../data/check.js";
import {fill, h} from "../dom.js";
import {bytes, count, duration} from "../format.js";
import {page} from "../router.js";
import {text} from "../strings.js";

const words = text.playground.result;
const maxShownText = 200_000; // characters of JSON or printed text in the page; all of it can be copied
const maxSeries = 6;
let chosenTab = 0;

// resultContent returns the content of the region for a response of the API. request is {kind, fn,
// rows} of the run.
export function resultContent(response, request, signal) {
  const {value} = response;
  const checks = checkResult(value, {...request, rows: response.expected_rows ?? request.rows, total: response.truncated?.value ? response.rows : undefined, schema: schemaOf(response)});
  const views = [
    {label: words.table, panel: () => resultTable(response, request)},
    ...(seriesOf(value).length ? [{label: words.chart, panel: () => resultChart(value, signal)}] : []),
    {label: words.json, panel: () => resultJSON(response)},
  ];
  return [
    checks.map((check) => notice(check.kind, text.check[check.code](check.detail))),
    schemaNotice(response, request),
    response.truncated?.value && [notice("warning", words.cut(bytes(response.truncated.value_bytes))), response.warnings?.map((w) => notice("warning", w))],
    tabs(words.views, views, chosenTab, (i) => { chosenTab = i; }),
    runContent(response),
  ];
}

// runContent returns what each run has: printed text, times, memory and fuel.
export function runContent(response) {
  return [printed(response), figures(response)];
}

function schemaOf({schema}) {
  if (!schema || schema.error) return null;
  return Object.fromEntries(schema.columns.map((c) => [c.name, c.type]));
}

function schemaNotice({schema}, {kind}) {
  if (kind !== "prep") return null;
  if (!schema) return notice("info", words.noSchema);
  if (schema.error) return notice("warning", words.schemaFailed(schema.error.class, schema.error.message));
  return h("details", {class: "schema"}, h("summary", null, words.schema(schema.columns.length)),
    dataTable({caption: words.schemaCaption, columns: [{key: "name", label: words.column, header: true}, {key: "type", label: words.type}], rows: schema.columns}));
}

function resultTable(response, request) {
  const {columns, rows} = tableOf(response.value, response.columns?.map((c) => c.name));
  const shown = columns.slice(0, 100);
  const cells = shown.map((name, i) => ({key: i + 1, label: name, sort: true, align: rows.length && rows.every((r) => r[i] === null || typeof r[i] === "number") ? "end" : undefined, render: cell}));
  return dataTable({
    caption: words.caption(count(rows.length), request.kind === "script" ? request.fn : ""),
    columns: [{key: 0, label: words.row, align: "end", header: true, isNarrow: true}, ...cells],
    rows: rows.map((r, i) => [i + 1, ...r]),
  });
}

function cell(value) {
  if (value === null || value === undefined) return h("span", {class: "muted"}, words.null);
  const s = typeof value === "string" ? value : JSON.stringify(value);
  return s.length > 300 ? s.slice(0, 300) + "…" : s;
}

// seriesOf returns the columns of numbers with at least two values.
function seriesOf(value) {
  const {columns, rows} = tableOf(value);
  if (rows.length < 2) return [];
  return columns.map((label, i) => ({label, values: rows.map((r) => r[i] ?? null)}))
    .filter(({values}) => values.some((v) => typeof v === "number") && values.every((v) => v === null || typeof v === "number"))
    .slice(0, maxSeries);
}

function resultChart(value, signal) {
  const series = seriesOf(value);
  return chart({label: words.chartLabel, xLabel: words.row, x: series[0].values.map((_, i) => i + 1), series, height: 220, signal, format: (v) => String(Number(v.toPrecision(6)))});
}

function resultJSON({value}) {
  const all = JSON.stringify(value, null, Array.isArray(value) && value.every((v) => typeof v !== "object") ? 0 : 1);
  return h("div", {class: "stack"}, h("div", null, copyButton(words.copyJSON, () => all)),
    h("pre", {class: "output", tabindex: 0, role: "region", "aria-label": words.json}, clipped(all)));
}

function printed({stdout, stderr, truncated}) {
  const part = (label, content, isCut) => content && h("div", {class: "printed"},
    h("div", {class: "row spread"}, h("h3", null, label), copyButton(words.copyText, () => content)),
    h("pre", {class: "output", tabindex: 0, role: "region", "aria-label": label}, clipped(content)),
    isCut && h("p", {class: "hint"}, words.printedCut));
  return [part(words.stdout, stdout, truncated?.stdout), part(words.stderr, stderr, truncated?.stderr)];
}

function clipped(content) {
  return content.length > maxShownText ? content.slice(0, maxShownText) + "\n" + words.clipped(count(content.length)) : content;
}

function figures(response) {
  const p = response.phases ?? {};
  const phases = [["queue", p.queue_ms], ["cell", p.cell_ms], ["run", p.run_ms], ["copy", p.copy_ms]];
  const facts = [[words.total, duration(p.total_ms ?? phases.reduce((sum, [, ms]) => sum + (ms || 0), 0))], [words.memory, bytes(response.memory_bytes)], [words.fuel, count(response.fuel ?? 0)]];
  if (!response.error) facts.push([words.call, response.id]); // an error has it above
  return h("div", {class: "run-figures"},
    phaseBar(words.phasesLabel, phases.map(([key, ms]) => ({label: words.phases[key], ms}))),
    h("dl", {class: "run-facts"}, facts.map(([label, value]) => h("div", null, h("dt", null, label), h("dd", null, value)))));
}

// errorContent returns the content of the region "Error" for an exception of the script or a limit
// that has ended it. goTo moves to a line of the editor.
export function errorContent({error, id}, goTo) {
  const line = error.line > 0 && h("button", {type: "button", class: "link", onclick: () => goTo(error.line)}, words.line(error.line));
  return [
    h("p", {class: "error-class"}, h("strong", null, error.class), line ? [" ", line] : null),
    h("pre", {class: "error-message"}, error.message),
    error.in === "server" && h("p", {class: "hint"}, words.limit[error.limit] ?? words.byServer),
    error.traceback && h("details", null, h("summary", null, words.traceback), h("pre", {class: "output", tabindex: 0, role: "region", "aria-label": words.traceback}, error.traceback)),
    id && callHint(id),
  ];
}

// callHint leads to the entry of a failed call.
function callHint(id) {
  return h("p", {class: "hint"}, words.callHint, " ", h("a", {href: page("errors", id)}, h("code", null, id)), ".");
}

// callErrorContent is the same for a call that the server has refused, or that did not reach it.
export function callErrorContent(error) {
  return [
    h("p", {class: "error-class"}, h("strong", null, words.refused)),
    h("p", null, error.message),
    error.advice && h("p", null, error.advice),
    error.retryAfter && h("p", null, words.retryAfter(error.retryAfter)),
    error.body?.error?.call && callHint(error.body.error.call),
  ];
}

// fillRegion fills a region and shows it, or hides it without content.
export function fillRegion(region, title, content) {
  region.hidden = !content;
  fill(region, h("h2", null, title), content);
}
