// The playground: a script, its data, a run, and the formula for Tableau.

import {api, ApiError, events, session} from "../api.js";
import {openDialog} from "../components/dialog.js";
import {notice} from "../components/notice.js";
import {announce, toast} from "../components/toast.js";
import {convertColumns, runBody} from "../data/arguments.js";
import {parseFormula} from "../data/formula.js";
import {isShared} from "../data/share.js";
import {fill, h, select} from "../dom.js";
import {bytes, count, duration} from "../format.js";
import {createDataPanel} from "../playground/datapanel.js";
import {createEditor} from "../playground/editor.js";
import {formulaContent} from "../playground/formulapanel.js";
import {apiKind, fromApi, kindOptions, signature} from "../playground/kinds.js";
import {callErrorContent, errorContent, fillRegion, resultContent, runContent} from "../playground/result.js";
import {openShared, shareDialog} from "../playground/sharing.js";
import {Keeper, defaults, keptState, starters} from "../playground/state.js";
import {text} from "../strings.js";

const words = text.playground;

const title = words.title;

function render(root, params, signal) {
  new Playground(signal).mount(root);
}

// live is the state of this document. It survives a visit to another page of the console even if it
// is too large to be kept.
let live = null;

// Playground holds the parts of the page. `state` is what the user has typed.
class Playground {
  constructor(signal) {
    this.signal = signal;
    live ??= {...structuredClone(defaults), ...keptState()};
    this.state = live;
    this.run = null; // the AbortController of the present run
    this.keeper = new Keeper(() => this.state, (isKept) => this.showKept(isKept));
    this.editor = createEditor({value: this.state.script, onChange: () => this.onEdit(), onRun: () => this.start(), onPaste: (s) => this.onPaste(s)});
    this.data = createDataPanel({state: this.state, kindOf: () => this.state.kind, onChange: () => this.onData(), onScript: (s) => this.replace({script: s}, words.fromRequest)});
    this.build();
  }

  build() {
    this.kind = select(kindOptions, this.state.kind, {"aria-label": words.kind, onchange: () => this.chooseKind(this.kind.value)});
    this.functionName = h("input", {type: "text", value: this.state.functionName, placeholder: words.functionNameDefault, "aria-label": words.functionName, autocomplete: "off", spellcheck: "false", class: "function-name"});
    this.functionName.addEventListener("input", () => { this.state.functionName = this.functionName.value; this.onEdit(); });
    this.runButton = h("button", {type: "button", class: "primary", onclick: () => this.start(), title: words.runTitle, "aria-keyshortcuts": "Control+Enter Meta+Enter"}, words.run);
    this.cancelButton = h("button", {type: "button", disabled: true, onclick: () => this.run?.abort()}, words.cancel);
    this.progress = h("span", {class: "progress muted", "aria-hidden": "true"});
    this.origin = h("div", {class: "origin", "aria-live": "polite"});
    this.kept = h("div", {"aria-live": "polite"});
    this.signature = h("div", {class: "signature"});
    this.kindHint = h("p", {class: "hint"});
    this.stale = h("p", {class: "hint stale", hidden: true});
    this.placeholder = h("p", {class: "panel muted"}, words.noResult);
    this.result = h("section", {class: "panel stack", "aria-label": words.resultTitle, hidden: true});
    this.error = h("section", {class: "panel stack error-region", "aria-label": words.errorTitle, hidden: true});
    this.formula = h("section", {class: "panel stack", "aria-labelledby": "formula-title"});
  }

  mount(root) {
    root.classList.add("playground");
    root.append(this.origin, this.kept, this.toolbar(), h("div", {class: "columns"},
      h("div", {class: "stack"}, this.editorPanel(), this.data.element),
      h("div", {class: "stack"}, this.error, this.placeholder, this.result, this.formula)));
    document.addEventListener("keydown", (event) => this.onKey(event), {signal: this.signal});
    addEventListener("beforeunload", (event) => !this.keeper.isKept && event.preventDefault(), {signal: this.signal});
    addEventListener("pagehide", () => this.keeper.now(), {signal: this.signal});
    events.addEventListener("signed-out", () => this.keeper.stop(), {signal: this.signal});
    addEventListener("hashchange", () => this.openLink(), {signal: this.signal});
    this.signal.addEventListener("abort", () => this.dispose(), {once: true});
    this.data.load(this.state.data);
    this.setKind(this.state.kind);
    if (session()?.evaluate === false) fill(this.kept, notice("warning", words.evaluateOff));
    this.openLink();
  }

  toolbar() {
    const button = (label, onclick) => h("button", {type: "button", onclick}, label);
    return h("div", {class: "row toolbar"}, this.kind, this.functionName, this.runButton, this.cancelButton, this.progress,
      h("div", {class: "row more"}, button(words.examples, () => this.chooseExample()), button(words.fromFormula, () => this.askFormula()), button(words.shareButton, () => this.share())));
  }

  editorPanel() {
    return h("section", {class: "editor-panel", "aria-label": words.script}, this.signature, this.editor.element, h("p", {class: "hint"}, words.editorHint), this.kindHint);
  }

  dispose() {
    this.run?.abort();
    this.keeper.now();
    this.data.dispose();
  }

  onKey(event) {
    const isRun = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (!isRun || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.start();
  }

  // Changes

  onEdit() {
    this.state.script = this.editor.value();
    this.changed();
  }

  onData() {
    this.changed();
  }

  changed() {
    this.keeper.later();
    this.showStale(words.stale);
    this.drawSignature();
    this.drawFormula();
  }

  // showStale says that the result does not belong to the present script.
  showStale(message) {
    this.stale.hidden = !this.shown;
    fill(this.stale, message);
  }

  // chooseKind also changes a script that has not been edited: each kind has its own to start from.
  chooseKind(kind) {
    const isUntouched = this.state.script === starters[apiKind(this.state.kind).kind];
    this.setKind(kind);
    if (!isUntouched) return;
    if (kind === "prep" && !this.state.functionName) this.functionName.value = this.state.functionName = words.functionNameDefault;
    this.editor.setValue(starters[apiKind(kind).kind]);
  }

  setKind(kind) {
    this.state.kind = kind;
    this.kind.value = kind;
    this.functionName.hidden = kind !== "prep";
    fill(this.kindHint, words.kindHints[apiKind(kind).kind]);
    this.data.redraw();
    this.changed();
  }

  drawSignature() {
    fill(this.signature, signature(this.state.kind, this.data.args(), this.state.functionName));
  }

  drawFormula() {
    const content = formulaContent({...this.state, args: this.data.args()});
    if (content.key === this.formulaKey) return;
    this.formulaKey = content.key;
    fill(this.formula, h("h2", {id: "formula-title"}, content.title), content.nodes());
  }

  showKept(isKept) {
    fill(this.kept, isKept ? null : notice("warning", words.notKept));
  }

  // replace sets a part of the state and offers the way back.
  replace(next, message) {
    const before = structuredClone(this.state);
    this.apply(next);
    const back = h("button", {type: "button", onclick: () => { this.apply(before); fill(this.origin); this.editor.focus(); }}, words.back);
    const close = h("button", {type: "button", onclick: () => { fill(this.origin); this.editor.focus(); }}, words.keep);
    fill(this.origin, notice("info", message, h("div", {class: "row"}, back, close)));
  }

  apply(next) {
    Object.assign(this.state, structuredClone(next));
    this.editor.setValue(this.state.script);
    this.functionName.value = this.state.functionName;
    if ("data" in next || "args" in next) this.data.load(this.state.data);
    this.setKind(this.state.kind);
  }

  // Sources of scripts

  async openLink() {
    if (!isShared(location.hash)) return;
    const fragment = location.hash;
    history.replaceState(null, "", location.pathname + location.search); // a reload keeps the edits
    try {
      const shared = await openShared(fragment);
      this.replace({kind: fromApi(shared), script: shared.script, functionName: shared.functionName}, words.fromLink);
    } catch (error) {
      fill(this.origin, notice("error", text.share[error.code]?.(error.detail) ?? error.message));
    }
  }

  async share() {
    const {script, functionName} = this.state;
    await shareDialog({...apiKind(this.state.kind), script, functionName});
  }

  async chooseExample() {
    const examples = (await import("../playground/examples.js")).examples.map((e) => ({...e, ...text.examples[e.id]}));
    const body = h("ul", {class: "examples"}, examples.map((e) => h("li", null, h("h3", null, e.title), h("p", {class: "muted"}, e.description), h("button", {type: "button", dataset: {example: e.id}, "aria-label": words.useExample(e.title)}, words.use))));
    const dialog = openDialog({title: words.examplesTitle, body, actions: []});
    body.addEventListener("click", (event) => {
      const example = examples.find((e) => e.id === event.target.dataset?.example);
      if (!example) return;
      body.closest("dialog").close();
      const {kind, script, data, functionName = "", args = null} = example;
      this.replace({kind, script, data, functionName, args, types: {}, format: "auto", separator: "auto", header: "auto"}, words.fromExample(example.title));
    });
    await dialog;
  }

  async askFormula() {
    const area = h("textarea", {rows: 8, spellcheck: "false", "aria-label": words.formulaInput});
    const problem = h("p", {class: "problem", role: "alert"});
    const use = await openDialog({title: words.fromFormulaTitle, body: h("div", {class: "stack"}, h("p", {class: "muted"}, words.fromFormulaHint), area, problem), actions: [{label: words.use, value: true, kind: "primary"}]});
    if (!use) return;
    const parsed = parseFormula(area.value);
    if (parsed) this.useFormula(parsed);
    else toast(words.noFormula, "error");
  }

  onPaste(pasted) {
    const parsed = parseFormula(pasted);
    if (!parsed) return false;
    this.useFormula(parsed);
    return true;
  }

  // useFormula takes the script of a calculation, and its fields as arguments if there are columns
  // with their names.
  useFormula({fn, script, args}) {
    const names = args.map((a) => /\[((?:[^\]]|\]\])*)\]/.exec(a)?.[1].replaceAll("]]", "]"));
    const known = names.every((name) => this.data.all().some((c) => c.name === name));
    this.replace({kind: fn, script, ...(known && names.length ? {args: names} : {})}, words.fromPaste);
  }

  // Running

  async start() {
    if (this.run) return;
    this.run = new AbortController();
    this.signal.addEventListener("abort", () => this.run?.abort(), {once: true});
    this.keeper.now();
    this.editor.clearMark();
    this.setBusy(true);
    try {
      await this.runOnce(this.run.signal);
    } catch (error) {
      this.showFailure(error);
    } finally {
      this.run = null;
      this.setBusy(false);
    }
  }

  async runOnce(signal) {
    const request = await this.request();
    if (!request) return;
    const response = await api.post("run", request.body, {type: "application/json", signal});
    if (!this.signal.aborted) this.show(response, request);
  }

  // request returns the request, or shows why there can be none and returns null.
  async request() {
    await this.data.ready();
    const {kind, fn} = apiKind(this.state.kind);
    const chosen = kind === "script" ? this.data.args() : this.data.all();
    const {columns, warnings} = convertColumns(chosen);
    const isUnnamed = kind === "prep" && !this.state.functionName.trim();
    const problem = this.data.error() ? words.dataBroken : this.tooLarge() ?? (isUnnamed ? words.functionNameMissing : null);
    if (problem) {
      if (problem === words.functionNameMissing) this.functionName.focus();
      this.showError(h("p", null, problem), problem);
      return null;
    }
    const rows = columns.reduce((n, c) => Math.max(n, c.values.length), 0);
    const body = runBody({kind, fn, script: this.state.script, functionName: this.state.functionName.trim(), columns});
    const limit = session()?.limits?.data_bytes;
    if (limit && body.length > limit) {
      const message = words.requestTooLarge(bytes(body.length), bytes(limit));
      this.showError(h("p", null, message), message);
      return null;
    }
    return {kind, fn, rows, body, warnings};
  }

  tooLarge() {
    const limit = session()?.limits?.script_bytes;
    const size = new Blob([this.state.script]).size;
    return limit && size > limit ? words.scriptTooLarge(bytes(size), bytes(limit)) : null;
  }

  setBusy(is) {
    this.runButton.disabled = is;
    this.cancelButton.disabled = !is;
    this.result.setAttribute("aria-busy", String(is));
    clearInterval(this.clock);
    if (!is) return fill(this.progress);
    const from = performance.now();
    const tick = () => fill(this.progress, words.running(((performance.now() - from) / 1000).toFixed(1)));
    announce(words.runningSpoken);
    tick();
    this.clock = setInterval(tick, 100);
  }

  show(response, request) {
    const failed = request.warnings.map(({detail}) => notice("warning", words.converted(detail)));
    if (response.error) return this.showException(response, failed);
    this.error.hidden = true;
    this.showResult([this.stale, failed, resultContent(response, request, this.signal)]);
    reveal(this.result);
    return announce(words.done(duration(response.phases.total_ms), count(response.rows)));
  }

  // showResult shows a result, or hides the region without one.
  showResult(content, message) {
    this.shown = Boolean(content);
    this.stale.hidden = true;
    fillRegion(this.result, words.resultTitle, content);
    this.placeholder.hidden = !message;
    fill(this.placeholder, message);
  }

  showException(response, failed) {
    const {error} = response;
    const spoken = `${error.class}: ${error.message}`;
    this.showResult(null);
    this.showError([errorContent(response, (line) => this.editor.goTo(line)), failed, runContent(response)], spoken);
    if (error.line > 0) this.editor.mark(error.line, spoken);
  }

  showFailure(error) {
    if (this.signal.aborted) return;
    if (error.name === "AbortError") {
      announce(words.cancelled);
      this.error.hidden = true;
      return this.showResult(null, words.cancelled);
    }
    if (!(error instanceof ApiError)) console.error(error);
    this.showStale(words.earlier);
    this.showError(callErrorContent(error), error.message);
  }

  showError(content, spoken) {
    fillRegion(this.error, words.errorTitle, content);
    reveal(this.error);
    announce(`${words.errorTitle}: ${spoken.slice(0, 300)}`);
  }
}

// reveal scrolls to a region that is outside of the window, as it is on a small screen.
function reveal(region) {
  if (region.getBoundingClientRect().top > innerHeight - 80) region.scrollIntoView({block: "start"});
}

export default {title, render};
