// Queries an endpoint with pasted data.

import {phaseBar} from "../components/bar.js";
import {copyButton} from "../components/copy.js";
import {notice} from "../components/notice.js";
import {dataTable} from "../components/table.js";
import {field, fill, h} from "../dom.js";
import {bytes} from "../format.js";
import {text} from "../strings.js";
import {failure, preformatted, scriptError} from "./common.js";
import {argumentsOf} from "./endpoint-data.js";

const words = text.tryIt;
const maxTextBytes = 200000; // of an answer as text; a longer one is cut

// tryIt returns a panel. query sends the arguments and returns a promise of the result.
export function tryIt(detail, query, signal) {
  const names = (detail.parameters ?? []).map((p) => p.name);
  const data = h("textarea", {rows: 6, spellcheck: "false", autocomplete: "off"});
  const run = h("button", {type: "submit", class: "primary"}, words.run);
  const cancel = h("button", {type: "button", hidden: true}, words.cancel);
  const result = h("div", {class: "stack", "aria-live": "polite"});
  const form = h("form", {class: "stack"}, field(words.data, data, words.hint(names)), h("div", {class: "row"}, run, cancel));
  let stop = null;

  const send = async () => {
    const {args, problem, warnings} = await argumentsOf(data.value, names);
    if (problem) return fill(result, notice("error", problem));
    stop = new AbortController();
    run.disabled = true;
    cancel.hidden = false;
    fill(result, h("p", {class: "muted"}, words.running));
    try {
      return fill(result, warnings.map((w) => notice("warning", w)), answer(await query(args, AbortSignal.any([stop.signal, signal]))));
    } catch (error) {
      if (signal.aborted) return null;
      return fill(result, stop.signal.aborted ? notice("info", words.cancelled) : failure(error, null));
    } finally {
      run.disabled = false;
      cancel.hidden = true;
    }
  };
  cancel.addEventListener("click", () => stop?.abort());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!run.disabled) send();
  });
  data.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  return h("section", {class: "panel stack", "aria-label": words.title}, h("h2", null, words.title), form, result);
}

// answer returns the regions for a result of the API.
function answer(result) {
  const times = result.phases && phaseBar(words.phases, [
    {label: words.queue, ms: result.phases.queue_ms}, {label: words.cell, ms: result.phases.cell_ms},
    {label: words.runPhase, ms: result.phases.run_ms}, {label: words.copy, ms: result.phases.copy_ms},
  ]);
  if (result.error) return [scriptError(words.error, result.error, null), times];
  return [value(result), result.warnings?.map((w) => notice("warning", w)), printed(words.stdout, result.stdout), printed(words.stderr, result.stderr), times];
}

function value(result) {
  const whole = JSON.stringify(result.value, null, 2) ?? "null";
  const isCut = whole.length > maxTextBytes;
  return h("section", {class: "stack", "aria-label": words.result},
    h("div", {class: "row spread"}, h("h3", null, words.result), copyButton(words.copyJSON, () => whole)),
    result.truncated?.value && notice("warning", words.truncated(bytes(result.truncated.value_bytes))),
    table(result.value),
    h("details", {open: !table(result.value)}, h("summary", null, words.asJSON), preformatted(words.asJSON, isCut ? `${whole.slice(0, maxTextBytes)}\n${words.cut}` : whole)));
}

// table returns a table of a list or of columns, or null for any other value.
function table(data) {
  const columns = columnsOf(data);
  if (!columns) return null;
  const length = Math.max(0, ...Object.values(columns).map((c) => c.length));
  const rows = Array.from({length}, (_, i) => ({row: i + 1, cells: Object.values(columns).map((c) => c[i])}));
  return dataTable({caption: words.rows(length), rows, columns: [
    {key: "row", label: words.row, align: "end", header: true, isNarrow: true},
    ...Object.keys(columns).map((name, i) => ({key: "cells", label: name, align: typeof Object.values(columns)[i][0] === "number" ? "end" : null, render: (cells) => show(cells[i])})),
  ]});
}

function columnsOf(data) {
  if (Array.isArray(data)) return {[words.value]: data};
  const isColumns = data !== null && typeof data === "object" && Object.values(data).length > 0 && Object.values(data).every(Array.isArray);
  return isColumns ? data : null;
}

function show(cell) {
  if (cell === null || cell === undefined) return words.missing;
  return typeof cell === "object" ? JSON.stringify(cell) : String(cell);
}

function printed(label, output) {
  return output && h("section", {class: "stack", "aria-label": label}, h("h3", null, label), preformatted(label, output));
}
