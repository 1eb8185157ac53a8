// The list of endpoints, with the form that deploys one.

import {api, hasRole} from "../api.js";
import {notice} from "../components/notice.js";
import {dataTable} from "../components/table.js";
import {field, fill, h} from "../dom.js";
import {count, duration, time} from "../format.js";
import {link, page} from "../router.js";
import {text} from "../strings.js";
import {afterPause, loading, stateBadge} from "./common.js";
import {deployForm} from "./endpoints-deploy.js";

const words = text.endpoints;
const loadingPause = 2000; // ms between two looks at endpoints that are being loaded

const title = words.title;

async function render(root, params, signal) {
  const list = endpointList(signal, params.query.get("search") ?? "");
  if (hasRole("deploy")) root.append(deployForm({onDeployed: list.refresh, signal}));
  root.append(list.element);
  await list.refresh();
}

function endpointList(signal, search) {
  const input = h("input", {type: "search", value: search, autocomplete: "off", spellcheck: "false"});
  const total = h("p", {class: "muted", role: "status"});
  const place = h("div", null, loading());
  const element = h("div", {class: "stack"}, h("div", {class: "row spread"}, field(words.search, input), total), place);
  let table = null;
  let timer;
  let latest = 0;
  const refresh = async () => {
    clearTimeout(timer);
    const mine = ++latest;
    const {endpoints, total: all} = await api.get("endpoints", {query: {search: input.value.trim()}, signal});
    if (mine !== latest) return; // an answer to an earlier search
    table ??= endpointTable();
    table.update(endpoints);
    fill(total, all > endpoints.length ? words.first(count(endpoints.length), count(all)) : words.total(count(endpoints.length)));
    fill(place, endpoints.length || input.value ? table : emptyNotice());
    if (endpoints.some((e) => e.state === "LoadInProgress")) timer = setTimeout(quietly, loadingPause);
  };
  const quietly = () => refresh().catch((error) => signal.aborted || fill(place, notice("error", error.message, error.advice)));
  input.addEventListener("input", afterPause(quietly));
  signal.addEventListener("abort", () => clearTimeout(timer));
  return {element, refresh};
}

function emptyNotice() {
  const advice = hasRole("deploy") ? words.emptyDeploy : words.emptyNoRole;
  return notice("info", words.empty, h("p", null, advice, " ", h("a", {href: link("/manual/models")}, words.emptyManual)));
}

function endpointTable() {
  const figure = {align: "end", sort: true};
  return dataTable({
    caption: words.list, isCaptionHidden: true, empty: words.noMatch, rows: [],
    columns: [
      {key: "name", label: words.name, header: true, sort: true, render: (name) => h("a", {href: page("endpoints", name)}, name)},
      {key: "state", label: words.state, sort: true, render: stateBadge},
      {key: "version", label: words.version, ...figure},
      {key: "type", label: words.type, sort: true, render: (type, row) => words.types(type, row.target)},
      {key: "description", label: words.description, render: (d) => h("span", {class: "clip", title: d}, d)},
      {key: "last_used", label: words.lastUsed, sort: true, render: (t) => (t ? time(t) : words.never)},
      {key: "calls", label: words.calls, ...figure, render: count},
      {key: "errors", label: words.errors, ...figure, render: count},
      {key: "p50_ms", label: words.p50, ...figure, render: (ms, row) => latency(ms, row)},
      {key: "p99_ms", label: words.p99, ...figure, render: (ms, row) => latency(ms, row)},
    ],
  });
}

function latency(ms, row) {
  return row.calls > 0 ? duration(ms) : "–";
}

export default {title, render};
