// Recent errors, and the way from a call ID to its entry.

import {api, hasRole, session} from "../api.js";
import {notice} from "../components/notice.js";
import {dataTable} from "../components/table.js";
import {field, fill, h} from "../dom.js";
import {count, time} from "../format.js";
import {navigate, page} from "../router.js";
import {text} from "../strings.js";
import {afterPause, failure, loading} from "./common.js";

const words = text.errors;

const title = words.title;

async function render(root, params, signal) {
  const input = h("input", {type: "search", value: params.query.get("search") ?? "", autocomplete: "off", spellcheck: "false"});
  const refresh = h("button", {type: "button"}, words.refresh);
  const place = h("div", {class: "stack"}, loading());
  const total = h("p", {class: "muted", role: "status"});
  root.append(
    h("p", {class: "muted"}, hasRole("admin") ? words.introAll : words.introOwn, " ", session()?.script_logging ? words.withTexts : words.withoutTexts),
    h("div", {class: "row spread"}, field(words.search, input, words.searchHint), refresh), total, place);
  const list = errorList(place, total, () => input.value.trim(), signal);
  input.addEventListener("input", afterPause(list.first));
  input.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter") return;
    await list.first();
    if (list.only()) navigate(page("errors", list.only()));
  });
  refresh.addEventListener("click", list.first);
  await list.first();
}

// errorList shows the newest entries that match, and older ones on demand. only returns the ID of
// the entry if the search has found just one.
function errorList(place, total, search, signal) {
  let entries = [];
  let latest = 0;
  const table = errorTable();
  const older = h("button", {type: "button"}, words.older);
  const moreRow = h("p", null, older);

  const fetchPage = async (before) => {
    const mine = ++latest;
    const part = await api.get("errors", {query: {before, search: search()}, signal});
    if (mine !== latest) return;
    entries = before ? [...entries, ...part.errors] : part.errors;
    table.update(entries);
    moreRow.hidden = !part.more;
    fill(total, words.total(count(entries.length)));
    if (entries.length === 0 && !search()) fill(place, notice("ok", words.none));
    else fill(place, table, moreRow);
  };
  const guarded = (before) => fetchPage(before()).catch((error) => {
    if (!signal.aborted) fill(place, failure(error, () => guarded(before)));
  });
  older.addEventListener("click", () => guarded(() => entries.at(-1)?.id));
  const only = () => (search() && entries.length === 1 ? entries[0].id : null);
  return {first: () => guarded(() => undefined), only};
}

function errorTable() {
  const columns = [
    {key: "time", label: words.time, sort: true, render: time},
    {key: "class", label: words.class, sort: true, header: true},
    {key: "message", label: words.message, render: (m) => h("span", {class: "clip", title: m}, m)},
    {key: "line", label: words.line, align: "end", sort: true, render: (n) => n || "–"},
    {key: "account", label: words.account, sort: true, render: (name) => name || words.anonymous},
    {key: "endpoint", label: words.endpoint, sort: true, render: (name) => (name ? h("a", {href: page("endpoints", name)}, name) : "–")},
    {key: "status", label: words.status, align: "end", sort: true},
    {key: "id", label: words.id, render: (id) => h("a", {href: page("errors", id)}, h("code", null, id))},
  ];
  const shown = columns.filter((c) => c.key !== "message" || session()?.script_logging);
  return dataTable({caption: words.list, isCaptionHidden: true, columns: shown, rows: [], empty: words.noMatch});
}

export default {title, render};
