// The load: figures of this moment, charts of the last hour, the scripts and accounts that cause it.

import {api, hasRole} from "../api.js";
import {dataTable} from "../components/table.js";
import {fill, h} from "../dom.js";
import {count, duration} from "../format.js";
import {text} from "../strings.js";
import {badge, loading} from "./common.js";
import {figures} from "./load-figures.js";
import {charts} from "./load-charts.js";
import {followLoad} from "./load-stream.js";

const words = text.load;
const historyPause = 15000; // ms between two readings of the history while the stream is up

const title = words.title;

async function render(root, params, signal) {
  root.append(loading());
  const first = await api.get("load", {signal});
  const state = h("p", {role: "status", class: "row"}, badge("info", words.connecting));
  const now = figures();
  const history = charts(first.history, signal);
  const lists = tables();
  fill(root, state, now.element, history.element, lists.element);
  const showAll = (load) => {
    now.update(load.now);
    history.update(load.history);
    lists.update(load);
  };
  showAll(first);
  followLoad({
    signal, onNow: now.update, onAll: showAll, historyPause,
    onState: (kind, retry) => fill(state, badge(words.states[kind].kind, words.states[kind].label), retry && h("button", {type: "button", onclick: retry}, text.common.again)),
  });
}

// tables returns the top scripts and, for administrators, the accounts.
function tables() {
  const scripts = scriptTable();
  const accounts = hasRole("admin") ? accountTable() : null;
  const element = h("div", {class: "columns"},
    h("div", {class: "stack"}, h("h2", null, words.scripts), scripts),
    accounts && h("div", {class: "stack"}, h("h2", null, words.accounts), accounts));
  const update = (load) => {
    scripts.update(load.scripts ?? []);
    accounts?.update(load.accounts ?? []);
  };
  return {element, update};
}

function scriptTable() {
  return dataTable({
    caption: words.scripts, isCaptionHidden: true, rows: [], empty: words.noScripts, pageSize: 20, columns: [
      {key: "digest", label: words.digest, header: true, render: (digest, row) => h("span", null, h("code", null, digest), row.first_line && [h("br"), h("code", {class: "clip", title: row.first_line}, row.first_line)])},
      {key: "calls", label: words.calls, align: "end", sort: true, render: count},
      {key: "errors", label: words.errors, align: "end", sort: true, render: (n) => count(n ?? 0)},
      {key: "time_ms", label: words.time, align: "end", sort: true, render: duration},
    ],
  });
}

function accountTable() {
  return dataTable({
    caption: words.accounts, isCaptionHidden: true, rows: [], empty: words.noAccounts, pageSize: 20, columns: [
      {key: "account", label: words.account, header: true, sort: true, render: (name) => name || words.anonymous},
      {key: "requests", label: words.calls, align: "end", sort: true, render: count},
      {key: "errors", label: words.errors, align: "end", sort: true, render: count},
      {key: "time_ms", label: words.time, align: "end", sort: true, render: duration},
    ],
  });
}

export default {title, render};
