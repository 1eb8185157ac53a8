// Parts that several pages share.

import {ApiError} from "../api.js";
import {copyButton} from "../components/copy.js";
import {notice} from "../components/notice.js";
import {fill, h} from "../dom.js";
import {text} from "../strings.js";

const words = text.common;
const pause = 250; // ms

// afterPause returns a function that calls work when it has not been called for a moment.
export function afterPause(work) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, pause);
  };
}

// loading is shown until data arrives. It is invisible at first, so that it does not flash.
export function loading() {
  return h("p", {class: "muted loading", role: "status"}, words.loading);
}

// deferred returns an element that shows what build makes of the result of load, the reason of a
// failure with a button that tries again, and a notice in the meantime.
export function deferred(load, build, signal) {
  const element = h("div", {class: "stack"});
  const run = async () => {
    fill(element, loading());
    try {
      const content = build(await load());
      if (!signal.aborted) fill(element, content);
    } catch (error) {
      if (!signal.aborted) fill(element, failure(error, run));
    }
  };
  run();
  return element;
}

// failure returns the notice of an error, with a button if retry is not null.
export function failure(error, retry) {
  if (!(error instanceof ApiError)) console.error(error);
  const message = error instanceof ApiError ? error.message : text.app.failed;
  return notice("error", message,
    error.advice && h("p", null, error.advice),
    error.call && h("p", {class: "hint"}, words.call(error.call)),
    retry && h("p", null, h("button", {type: "button", onclick: retry}, words.again)));
}

// terms returns a list of terms and their values. Pairs without a value are left out.
export function terms(pairs) {
  const present = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", {class: "terms"}, present.map(([term, value]) => h("div", null, h("dt", null, term), h("dd", null, value))));
}

// preformatted returns text as it is, which can be scrolled with the keyboard.
export function preformatted(label, content, props) {
  return h("pre", {tabindex: 0, role: "group", "aria-label": label, ...props}, content);
}

// copyFor returns a small button that copies what the label names.
export function copyFor(label, textOf) {
  const button = copyButton(words.copy, textOf);
  button.setAttribute("aria-label", words.copyThis(label));
  return button;
}

// badge returns a word with a colour. kind is "ok", "warning", "error" or "info".
export function badge(kind, label) {
  return h("span", {class: `badge ${kind}`}, label);
}

const states = {LoadSuccessful: "ok", LoadInProgress: "info", LoadFailed: "error"};

// stateBadge returns the badge of an endpoint's state.
export function stateBadge(state) {
  return badge(states[state] ?? "info", words.states[state] ?? state);
}

// scriptError returns the region that shows a Python exception. source is the text that it refers
// to, or null.
export function scriptError(label, {class: name, message, line, traceback}, source) {
  return h("section", {class: "notice error", "aria-label": label},
    h("p", {class: "notice-title"}, h("strong", null, name), message ? `: ${message}` : ""),
    line > 0 && h("p", null, words.line(line)),
    line > 0 && source && excerpt(source, line),
    traceback && h("details", null, h("summary", null, words.traceback), h("pre", null, traceback)));
}

const context = 3; // lines above and below

function excerpt(source, line) {
  const lines = source.split("\n");
  if (line > lines.length) return null;
  const first = Math.max(1, line - context);
  const shown = lines.slice(first - 1, line + context);
  const width = String(first + shown.length - 1).length;
  return preformatted(words.excerpt, shown.map((content, i) => {
    const number = String(first + i).padStart(width);
    const row = `${number}  ${content}`;
    return [first + i === line ? h("mark", null, row) : row, "\n"];
  }), {class: "excerpt"});
}
