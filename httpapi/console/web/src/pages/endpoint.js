// One endpoint: state, usage, source, versions, a query with pasted data, and its removal.

import {api, hasRole} from "../api.js";
import {confirmByName} from "../components/dialog.js";
import {notice} from "../components/notice.js";
import {dataTable} from "../components/table.js";
import {toast} from "../components/toast.js";
import {fill, h} from "../dom.js";
import {count, duration, time} from "../format.js";
import {link, navigate, page} from "../router.js";
import {text} from "../strings.js";
import {copyFor, failure, loading, preformatted, scriptError, stateBadge, terms} from "./common.js";
import {tryIt} from "./endpoint-try.js";
import {versionTable} from "./endpoint-versions.js";

const words = text.endpoint;

const title = ({name}) => words.title(name);

async function render(root, {name}, signal) {
  root.append(loading());
  const load = () => api.get(path(name), {signal});
  const refresh = async () => {
    const detail = await load();
    fill(root, parts(detail, load, refresh, signal));
  };
  try {
    await refresh();
  } catch (error) {
    if (signal.aborted) return;
    const back = h("p", null, h("a", {href: link("/endpoints")}, words.toList));
    fill(root, error.status === 404 ? notice("info", words.missing(name), back) : failure(error, refresh));
  }
}

// path returns the path of an endpoint in the API, or of a part of it.
function path(name, part) {
  return `endpoints/${encodeURIComponent(name)}${part ? `/${part}` : ""}`;
}

function parts(detail, load, refresh, signal) {
  const state = h("section", {class: "panel", "aria-label": words.summary}, figures(detail));
  // A query changes the calls and their times. The form keeps its data and shows the result.
  const query = (args, stop) => api.post(path(detail.name, "query"), {args}, {signal: stop})
    .finally(() => load().then((now) => fill(state, figures(now)), () => {})); // else the old figures stay
  return [
    h("p", null, h("a", {href: link("/endpoints")}, words.toList)),
    state,
    detail.load_error && scriptError(words.loadError, detail.load_error, detail.source),
    detail.error && !detail.load_error && notice("error", detail.error, detail.advice && h("p", null, detail.advice)),
    usage(detail),
    hasRole("query") && detail.state === "LoadSuccessful" && tryIt(detail, query, signal),
    signature(detail),
    detail.grants?.length > 0 && grants(detail.grants),
    detail.source && source(detail.source),
    versions(detail, refresh),
    actions(detail),
  ];
}

function figures(d) {
  return terms([
    [text.endpoints.state, stateBadge(d.state)],
    [text.endpoints.version, count(d.version)],
    [text.endpoints.type, text.endpoints.types(d.type, d.target)],
    [text.endpoints.description, d.description],
    [text.endpoints.lastUsed, d.last_used ? time(d.last_used) : text.endpoints.never],
    [text.endpoints.calls, count(d.calls)],
    [text.endpoints.errors, count(d.errors)],
    [text.endpoints.p50, d.calls > 0 ? duration(d.p50_ms) : null],
    [text.endpoints.p99, d.calls > 0 ? duration(d.p99_ms) : null],
    [words.methods, d.methods?.join(", ")],
  ]);
}

// usage shows the calculations to paste into Tableau, and a command for a terminal.
function usage({usage: u}) {
  if (!u) return null;
  const snippets = [[words.modelExtension, u.model_extension], [words.formula, u.formula], [words.curl, u.curl]];
  return h("section", {class: "panel stack", "aria-label": words.usage}, h("h2", null, words.usage),
    snippets.filter(([, code]) => code).map(([label, code]) => h("div", {class: "snippet"},
      h("div", {class: "row spread"}, h("h3", null, label), copyFor(label, () => code)),
      preformatted(label, code))));
}

// grants shows what the code of the endpoint may reach outside its cell.
function grants(rows) {
  const list = (items) => (items.length > 0 ? items.map((item) => h("div", null, h("code", null, item))) : "–");
  return h("section", {class: "panel stack", "aria-label": words.grants}, h("h2", null, words.grants), dataTable({
    caption: words.grants, rows, isCaptionHidden: true, columns: [
      {key: "name", label: words.grant, header: true},
      {key: "read", label: words.grantRead, render: list},
      {key: "connect", label: words.grantConnect, render: list},
      {key: "env", label: words.grantVariables, render: list},
    ],
  }));
}

function signature(d) {
  if (!d.signature && !d.docstring && !d.parameters?.length && !d.schema) return null;
  return h("section", {class: "panel stack", "aria-label": words.interface}, h("h2", null, words.interface),
    d.signature && h("p", null, h("code", null, d.name, d.signature)),
    d.docstring && h("pre", {class: "prose"}, d.docstring),
    d.parameters?.length > 0 && dataTable({
      caption: words.parameters, rows: d.parameters, columns: [
        {key: "name", label: words.parameter, header: true, render: (name) => h("code", null, name)},
        {key: "type", label: words.parameterType, render: (type) => type || "–"},
        {key: "default", label: words.parameterDefault, render: (value) => (value === undefined ? words.required : h("code", null, value))},
      ],
    }),
    d.schema && h("details", null, h("summary", null, words.schema), h("pre", null, JSON.stringify(d.schema, null, 2))));
}

function source(code) {
  return h("section", {class: "panel stack", "aria-label": words.source},
    h("div", {class: "row spread"}, h("h2", null, words.source), copyFor(words.source, () => code)),
    preformatted(words.sourceText, code, {class: "source"}));
}

function versions(detail, refresh) {
  const rollBack = async (version) => {
    const {version: now} = await api.post(path(detail.name, "rollback"), {version});
    toast(words.rolledBack(version, now));
    await refresh();
  };
  return h("section", {class: "panel stack", "aria-label": words.versions}, h("h2", null, words.versions), versionTable(detail, rollBack));
}

function actions(detail) {
  const address = api.url(path(detail.name, "download"));
  const controls = [
    hasRole("admin") && h("button", {type: "button", onclick: () => h("a", {href: address, download: ""}).click()}, words.download),
    hasRole("deploy") && h("button", {type: "button", class: "danger", onclick: () => remove(detail.name)}, words.remove),
  ].filter(Boolean);
  return controls.length > 0 && h("section", {class: "row", "aria-label": words.actions}, controls);
}

async function remove(name) {
  if (!(await confirmByName({title: words.removeTitle(name), message: words.removeText, name, action: words.remove}))) return;
  try {
    await api.delete(path(name), {confirm: name});
    toast(words.removed(name));
    navigate(page("endpoints"));
  } catch (error) {
    toast([error.message, error.advice].filter(Boolean).join(" "), "error");
  }
}

export default {title, render};
