// The panel of the data: pasted, dropped or opened; how it was understood; and which column becomes
// which argument.

import {session} from "../api.js";
import {notice} from "../components/notice.js";
import {announce} from "../components/toast.js";
import {readDataset} from "../data/dataset.js";
import {types} from "../data/types.js";
import {field, fill, h, select} from "../dom.js";
import {bytes, count} from "../format.js";
import {text} from "../strings.js";

const words = text.playground.dataPanel;
const maxEdited = 1_000_000; // characters; longer texts are kept beside the text area, which would become slow
const fallbackLimit = 32 << 20; // bytes, if the server has not told its limit
const delay = 250; // ms between the last change and the reading
const maxStep = 15; // ms of reading between two pauses
const previewRows = 3;

// createDataPanel returns {element, load(state), text(), columns(), rows(), ready(), settings(), dispose()}.
// onChange is called after each change; onScript offers the script of a pasted request.
export function createDataPanel({state, kindOf, onChange, onScript}) {
  const panel = {state, dataset: null, error: null, hidden: null, generation: 0, reading: Promise.resolve()};
  const area = h("textarea", {rows: 7, spellcheck: "false", autocomplete: "off", wrap: "off", "aria-label": words.label, placeholder: words.placeholder});
  const fileInput = h("input", {type: "file", accept: ".csv,.tsv,.txt,.json,text/csv,text/plain,application/json", hidden: true, "aria-label": words.file});
  const messages = h("div", {class: "stack", "aria-live": "polite"});
  const large = h("div", {class: "large-data", hidden: true});
  const summary = h("p", {class: "hint summary"});
  const columnsPlace = h("div", {class: "table-scroll columns-scroll", role: "region", "aria-label": words.columns, tabindex: 0});
  const format = select(words.formats, state.format, {"aria-label": words.format});
  const separator = select(words.separators, state.separator, {"aria-label": words.separator});
  const header = select(words.headers, state.header, {"aria-label": words.header});
  const open = h("button", {type: "button", onclick: () => fileInput.click()}, words.open);
  const clear = h("button", {type: "button", onclick: () => setText("")}, words.clear);
  const element = h("section", {class: "panel data-panel", "aria-labelledby": "data-title"},
    h("div", {class: "row spread"}, h("h2", {id: "data-title"}, words.title), h("div", {class: "row"}, open, clear, fileInput)),
    h("p", {class: "hint"}, words.hint), area, large, messages,
    h("div", {class: "row data-options"}, format, separator, header), summary, columnsPlace);

  let timer;
  const later = () => {
    clearTimeout(timer);
    panel.isStale = true;
    timer = setTimeout(read, delay);
  };
  const currentText = () => panel.hidden ?? area.value;

  // setText shows a text in the text area, or holds it beside the area if it is long.
  function setText(next, name) {
    const isLong = next.length > maxEdited;
    panel.hidden = isLong ? next : null;
    area.value = isLong ? "" : next;
    area.hidden = isLong;
    large.hidden = !isLong;
    if (isLong) fill(large, notice("info", words.large(name ?? words.pasted, bytes(next.length)), h("p", {class: "hint"}, words.largeHint), h("pre", {class: "sample"}, next.slice(0, 300).split("\n", 5).join("\n") + " …"), h("p", null, h("button", {type: "button", onclick: () => setText("")}, words.remove))));
    changed();
  }
  function changed() {
    state.data = currentText();
    onChange();
    later();
  }

  // read understands the text. A newer text ends the reading of an older one.
  function read() {
    clearTimeout(timer);
    const generation = ++panel.generation;
    panel.isStale = false;
    panel.reading = readNow(generation);
    return panel.reading;
  }
  async function readNow(generation) {
    let last = performance.now();
    const pause = async () => {
      if (performance.now() - last < maxStep) return;
      await new Promise((resolve) => setTimeout(resolve));
      if (generation !== panel.generation) throw new DOMException("", "AbortError");
      last = performance.now();
    };
    try {
      const source = currentText();
      const dataset = source.trim() === "" ? null : await readDataset(source, state, pause);
      if (generation !== panel.generation) return;
      Object.assign(panel, {dataset, error: null});
    } catch (error) {
      if (error.name === "AbortError") return;
      Object.assign(panel, {dataset: null, error});
    }
    applyChoices();
    draw();
    onChange();
  }

  // applyChoices uses the types that were chosen for columns with the same names before.
  function applyChoices() {
    for (const column of panel.dataset?.columns ?? []) {
      column.guessed = column.type;
      column.type = Object.hasOwn(state.types, column.name) ? state.types[column.name] : column.guessed;
    }
  }

  function draw() {
    const {dataset, error} = panel;
    const isCSV = dataset ? dataset.format === "csv" : state.format !== "json";
    separator.hidden = header.hidden = !isCSV;
    fill(messages, error && notice("error", words.problems[error.code]?.(error.detail) ?? error.message), dataset && warnings(dataset));
    if (dataset?.script) messages.append(notice("info", words.request, h("p", null, h("button", {type: "button", onclick: () => onScript(dataset.script)}, words.useScript))));
    fill(summary, dataset ? words.summary(count(dataset.rows), dataset.columns.length, dataset) : !error && words.none);
    columnsPlace.hidden = !dataset?.columns.length;
    if (dataset) fill(columnsPlace, columnTable(dataset));
  }

  const used = () => {
    const names = panel.dataset?.columns.map((c) => c.name) ?? [];
    const kept = (state.args ?? names).filter((name) => names.includes(name));
    return kept.length || state.args?.length === 0 ? kept : names;
  };

  // columnTable shows each column with its type, its argument and its first values. Changing a
  // control draws the table again and gives the focus back.
  function columnTable(dataset) {
    const isScript = kindOf() !== "table" && kindOf() !== "prep";
    const args = used();
    const shown = dataset.columns.slice(0, 200);
    const rows = shown.map((column) => {
      const typeSelect = select(types.map((t) => [t, words.types[t] + (t === column.guessed ? words.guessed : "")]), column.type, {"aria-label": words.typeOf(column.name)});
      typeSelect.addEventListener("change", () => { column.type = typeSelect.value; state.types = {...state.types, [column.name]: column.type}; redraw(typeSelect); });
      const position = args.indexOf(column.name);
      const choices = [["", words.unused], ...Array.from({length: Math.min(args.length + (position < 0 ? 1 : 0), dataset.columns.length)}, (_, i) => [String(i + 1), `_arg${i + 1}`])];
      const argSelect = select(choices, position < 0 ? "" : String(position + 1), {"aria-label": words.argOf(column.name)});
      argSelect.addEventListener("change", () => { moveArgument(column.name, argSelect.value); redraw(argSelect); });
      const values = column.cells.slice(0, previewRows).map((cell) => cell === null ? words.missing : short(cell)).join(", ");
      return h("tr", null, h("th", {scope: "row"}, column.name), h("td", null, typeSelect), isScript && h("td", null, argSelect), h("td", {class: "sample"}, values));
    });
    return h("table", null, h("caption", {class: "visually-hidden"}, words.columns),
      h("thead", null, h("tr", null, [words.column, words.type, isScript && words.argument, words.firstValues].filter(Boolean).map((label) => h("th", {scope: "col"}, label)))),
      h("tbody", null, rows, shown.length < dataset.columns.length && h("tr", null, h("td", {colspan: 4}, words.moreColumns(dataset.columns.length - shown.length)))));
  }

  function redraw(control) {
    const label = control.getAttribute("aria-label");
    draw();
    [...columnsPlace.querySelectorAll("select")].find((s) => s.getAttribute("aria-label") === label)?.focus();
    onChange();
  }

  function moveArgument(name, place) {
    const args = used();
    const from = args.indexOf(name);
    if (from >= 0) args.splice(from, 1);
    if (place !== "") args.splice(Number(place) - 1, 0, name);
    state.args = args;
  }

  // accept takes a pasted or opened text if it is not larger than the server accepts. What was
  // there before stays if it is refused.
  function refuseSize(size, name) {
    const limit = session()?.limits?.data_bytes || fallbackLimit;
    if (size <= limit) return false;
    fill(messages, notice("error", words.tooLarge(name, bytes(size), bytes(limit)), h("p", null, words.tooLargeAdvice)));
    return true;
  }
  async function take(file) {
    if (refuseSize(file.size, file.name)) return;
    try {
      const content = new TextDecoder("utf-8", {fatal: true}).decode(await file.arrayBuffer());
      setText(content, file.name);
      announce(words.opened(file.name));
    } catch (error) {
      fill(messages, notice("error", error instanceof TypeError ? words.notText(file.name) : words.unreadable(file.name)));
    }
  }

  area.addEventListener("input", changed);
  area.addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    if (pasted.length <= maxEdited) return;
    event.preventDefault();
    if (!refuseSize(pasted.length, words.pasted)) setText(pasted);
  });
  fileInput.addEventListener("change", () => {
    if (fileInput.files[0]) take(fileInput.files[0]);
    fileInput.value = "";
  });
  element.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    element.classList.add("is-drop");
  });
  element.addEventListener("dragleave", (event) => !element.contains(event.relatedTarget) && element.classList.remove("is-drop"));
  element.addEventListener("drop", (event) => {
    element.classList.remove("is-drop");
    if (!event.dataTransfer.files[0]) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  for (const [control, key] of [[format, "format"], [separator, "separator"], [header, "header"]]) {
    control.addEventListener("change", () => {
      state[key] = control.value;
      onChange();
      read();
    });
  }

  return {
    element,
    load: (data) => { for (const [control, key] of [[format, "format"], [separator, "separator"], [header, "header"]]) control.value = state[key]; setText(data); return read(); },
    // ready waits until the present text is understood.
    ready: async () => { if (panel.isStale) read(); await panel.reading; },
    error: () => panel.error,
    rows: () => panel.dataset?.rows ?? 0,
    all: () => panel.dataset?.columns ?? [],
    args: () => used().map((name) => panel.dataset.columns.find((c) => c.name === name)),
    redraw: draw,
    dispose: () => { clearTimeout(timer); panel.generation++; },
  };
}

function warnings(dataset) {
  return dataset.warnings.slice(0, 5).map(({code, detail}) => notice("warning", words.problems[code](detail)));
}

function short(cell) {
  const s = typeof cell === "string" ? cell : JSON.stringify(cell);
  return s.length > 24 ? s.slice(0, 23) + "…" : s === "" ? '""' : s;
}
