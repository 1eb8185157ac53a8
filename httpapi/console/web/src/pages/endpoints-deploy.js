// The form that deploys a file, chosen with a button or dropped.

import {api, session} from "../api.js";
import {notice} from "../components/notice.js";
import {toast} from "../components/toast.js";
import {field, fill, h} from "../dom.js";
import {bytes} from "../format.js";
import {page} from "../router.js";
import {text} from "../strings.js";
import {failure, scriptError} from "./common.js";

const words = text.deploy;
const maxExcerptBytes = 2 << 20; // a larger file is not read to show the line of an error

// deployForm returns a panel. onDeployed is called after each deployment.
export function deployForm({onDeployed, signal, name: fixedName}) {
  const chooser = h("input", {type: "file"});
  const controls = inputs(fixedName);
  const form = h("form", {class: "stack", hidden: true}, controls.elements);
  const result = h("div", {"aria-live": "polite"});
  const drop = h("div", {class: "drop"}, field(words.file, chooser), h("p", {class: "hint"}, words.hint(bytes(limit()))));
  const panel = h("section", {class: "panel stack", "aria-label": words.title}, h("h2", null, words.title), drop, form, result);
  let file = null;

  const choose = (next) => {
    file = next;
    fill(result, next && next.size > limit() ? notice("error", words.tooLarge(bytes(next.size), bytes(limit()))) : null);
    form.hidden = !next || next.size > limit();
    if (!form.hidden) controls.propose(next);
  };
  const finish = async (deployed) => {
    form.hidden = true;
    form.reset();
    chooser.value = "";
    fill(result, success(deployed.endpoint, deployed.load_error));
    toast(words.done(deployed.endpoint.name, deployed.endpoint.version));
    await onDeployed();
  };
  chooser.addEventListener("change", () => choose(chooser.files[0] ?? null));
  acceptDrops(drop, (dropped) => {
    chooser.value = "";
    choose(dropped);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fill(result);
    try {
      await finish(await send(file, controls, signal));
    } catch (error) {
      if (!signal.aborted && error.name !== "AbortError") fill(result, await problem(error, file, controls));
    }
  });
  return panel;
}

function limit() {
  return session()?.limits?.upload_bytes ?? Infinity;
}

// inputs returns the controls below the file.
function inputs(fixedName) {
  const name = h("input", {type: "text", required: true, autocomplete: "off", spellcheck: "false", value: fixedName ?? ""});
  const description = h("input", {type: "text", autocomplete: "off"});
  const target = h("input", {type: "text", autocomplete: "off", spellcheck: "false"});
  const replace = h("input", {type: "checkbox", id: "deploy-replace", checked: Boolean(fixedName)});
  const submit = h("button", {type: "submit", class: "primary"}, words.submit);
  const cancel = h("button", {type: "button", hidden: true}, words.cancel);
  const bar = h("progress", {max: 1, value: 0, "aria-label": words.progress});
  const percent = h("span");
  const progress = h("div", {class: "row", hidden: true}, bar, percent);
  const targetField = field(words.function, target, words.functionHint);
  const elements = [
    field(words.name, name), field(words.description, description), targetField,
    h("div", {class: "check"}, replace, h("label", {for: "deploy-replace"}, words.replace)),
    h("div", {class: "row"}, submit, cancel), progress,
  ];
  const propose = (file) => {
    targetField.hidden = !isPython(file);
    if (!fixedName) name.value = file.name.replace(/\.(py|zip|tar|tgz|tar\.gz|whl)$/i, "");
    name.focus();
  };
  const setBusy = (is) => {
    submit.disabled = is;
    cancel.hidden = progress.hidden = !is;
  };
  const setProgress = (share) => {
    bar.value = share;
    fill(percent, share < 1 ? `${Math.floor(share * 100)} %` : words.loading);
  };
  const query = () => ({name: name.value.trim(), description: description.value.trim(), function: targetField.hidden ? "" : target.value.trim(), replace: replace.checked ? "true" : ""});
  return {elements, propose, setBusy, setProgress, query, cancel, replace};
}

function isPython(file) {
  return /\.py$/i.test(file.name);
}

async function send(file, controls, signal) {
  const stop = new AbortController();
  controls.cancel.addEventListener("click", () => stop.abort(), {signal: stop.signal});
  controls.setProgress(0);
  controls.setBusy(true);
  try {
    return await api.upload("endpoints", file, {query: controls.query(), signal: AbortSignal.any([signal, stop.signal]), onProgress: controls.setProgress});
  } finally {
    stop.abort();
    controls.setBusy(false);
  }
}

// problem returns the notice of a deployment that failed, with the line of an error in the file.
async function problem(error, file, controls) {
  const loadError = error.body?.load_error ?? error.body?.error?.load_error;
  if (error.status === 409) return notice("warning", error.message, h("p", null, words.exists), replaceButton(controls));
  if (!loadError) return failure(error, null);
  const source = isPython(file) && file.size <= maxExcerptBytes ? await file.text().catch(() => null) : null;
  return h("div", {class: "stack"}, notice("error", words.unloadable, error.advice && h("p", null, error.advice)), scriptError(words.loadError, loadError, source));
}

function replaceButton(controls) {
  const again = (event) => {
    controls.replace.checked = true;
    controls.replace.form.requestSubmit();
    event.currentTarget.disabled = true;
  };
  return h("p", null, h("button", {type: "button", onclick: again}, words.replaceNow));
}

function success(endpoint, loadError) {
  const target = h("a", {href: page("endpoints", endpoint.name)}, endpoint.name);
  if (loadError) return [notice("warning", words.deployedBroken, h("p", null, target)), scriptError(words.loadError, loadError, null)];
  return notice("ok", words.done(endpoint.name, endpoint.version), h("p", null, words.show, " ", target));
}

// acceptDrops calls onFile with the first file that is dropped on an element.
function acceptDrops(element, onFile) {
  const over = (is) => element.classList.toggle("over", is);
  for (const name of ["dragenter", "dragover"]) {
    element.addEventListener(name, (event) => {
      event.preventDefault();
      over(true);
    });
  }
  element.addEventListener("dragleave", (event) => over(element.contains(event.relatedTarget)));
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const file = event.dataTransfer?.files[0];
    if (file) onFile(file);
  });
}
