// Administration: the end of the audit trail.

import {api} from "../api.js";
import {notice} from "../components/notice.js";
import {dataTable} from "../components/table.js";
import {fill, h} from "../dom.js";
import {time} from "../format.js";
import {link, page} from "../router.js";
import {text} from "../strings.js";
import {failure, terms} from "./common.js";

const words = text.admin;

// Members of an entry that have a column of their own; the others are shown together.
const main = ["time", "event", "outcome", "account", "address", "endpoint", "reason"];

// audit shows the newest entries first, and older ones on demand.
export function audit({enabled, entries, more, note, stats}) {
  if (!enabled) return notice("info", words.noAudit, h("p", null, h("a", {href: link("/manual/audit")}, words.aboutAudit)));
  let rows = newestFirst(entries);
  const table = dataTable({caption: words.sections.audit, isCaptionHidden: true, rows, columns, empty: words.emptyAudit});
  const problem = h("div");
  const older = h("button", {type: "button", hidden: !more}, words.olderEntries);
  older.addEventListener("click", async () => {
    try {
      const next = await api.get("admin/audit", {query: {before: rows.at(-1)?.seq}});
      rows = [...rows, ...newestFirst(next.entries)];
      table.update(rows);
      older.hidden = !next.more;
      fill(problem);
    } catch (error) {
      fill(problem, failure(error, null));
    }
  });
  return [note && notice("info", note), statistics(stats), table, h("p", null, older), problem];
}

function newestFirst(entries) {
  return [...entries].sort((a, b) => b.seq - a.seq);
}

const columns = [
  ...main.map((key, i) => ({key, label: words.auditKeys[key], header: i === 0, sort: true, render: key === "time" ? time : (value) => value ?? ""})),
  {key: "", label: words.more, render: (_, row) => details(row)},
];

function details(row) {
  const rest = Object.entries(row).filter(([key, value]) => !main.includes(key) && value !== "" && value !== null);
  if (rest.length === 0) return "";
  return h("details", null, h("summary", null, words.show), terms(rest.map(([key, value]) => [key, member(key, value)])));
}

// member returns the value of a member. A call leads to its error, if it had one.
function member(key, value) {
  return key === "call" ? h("a", {href: page("errors", value)}, h("code", null, value)) : h("code", null, plain(value));
}

function statistics(stats) {
  if (!stats || typeof stats !== "object") return null;
  return h("section", {class: "panel", "aria-label": words.auditState}, terms(Object.entries(stats).map(([key, value]) => [words.auditStats[key] ?? key.replaceAll("_", " "), plain(value) && h("code", null, plain(value))])));
}

function plain(value) {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
