// Administration: the end of the audit trail.

import {notice} from "../components/notice.js";
import {dataTable} from "../components/table.js";
import {h} from "../dom.js";
import {link} from "../router.js";
import {time} from "../format.js";
import {text} from "../strings.js";
import {terms} from "./common.js";

const words = text.admin;

// Members of an entry that have a column of their own; the others are shown together.
const main = ["time", "event", "outcome", "account", "address", "endpoint", "reason"];

// audit shows the newest entries first.
export function audit({enabled, entries, stats}) {
  if (!enabled) return notice("info", words.noAudit, h("p", null, h("a", {href: link("/manual/audit")}, words.aboutAudit)));
  const rows = [...entries].reverse();
  const present = main.filter((key) => rows.some((row) => row[key] !== undefined));
  const columns = present.map((key, i) => ({key, label: words.auditKeys[key], header: i === 0, sort: true, render: key === "time" ? time : undefined}));
  columns.push({key: "", label: words.more, render: (_, row) => details(row, present)});
  return [statistics(stats), dataTable({caption: words.sections.audit, isCaptionHidden: true, rows, columns, empty: words.emptyAudit})];
}

function details(row, present) {
  const rest = Object.entries(row).filter(([key, value]) => !present.includes(key) && value !== "" && value !== null);
  if (rest.length === 0) return "";
  return h("details", null, h("summary", null, words.show), terms(rest.map(([key, value]) => [key, h("code", null, plain(value))])));
}

function statistics(stats) {
  if (!stats || typeof stats !== "object") return null;
  return h("section", {class: "panel", "aria-label": words.auditState}, terms(Object.entries(stats).map(([key, value]) => [key.replaceAll("_", " "), plain(value)])));
}

function plain(value) {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
