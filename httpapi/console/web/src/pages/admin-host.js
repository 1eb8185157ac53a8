// Administration: findings about the host, and certificates.

import {notice} from "../components/notice.js";
import {dataTable} from "../components/table.js";
import {h} from "../dom.js";
import {count, time} from "../format.js";
import {text} from "../strings.js";
import {badge} from "./common.js";

const words = text.admin;
const order = ["error", "warning", "info", "ok"];
const soon = 30; // days

// doctor shows the findings, the serious ones first.
export function doctor({findings}) {
  if (findings.length === 0) return notice("ok", words.noFindings);
  const sorted = [...findings].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
  return h("ul", {class: "findings"}, sorted.map((f) => h("li", {class: "finding"},
    badge(kindOf(f.level), words.levels[f.level] ?? f.level),
    h("div", {class: "stack"}, h("h2", null, f.title), f.text && h("p", null, f.text), f.advice && h("p", {class: "muted"}, f.advice)))));
}

function kindOf(level) {
  return order.includes(level) ? level : "info";
}

// certificates shows when each certificate expires.
export function certificates({certificates: rows}) {
  if (rows.length === 0) return notice("info", words.noCertificates);
  return dataTable({caption: words.sections.certificates, isCaptionHidden: true, rows, columns: [
    {key: "subject", label: words.subject, header: true},
    {key: "use", label: words.use},
    {key: "names", label: words.names, render: (names) => names?.join(", ") || "–"},
    {key: "issuer", label: words.issuer},
    {key: "not_before", label: words.validFrom, render: time},
    {key: "not_after", label: words.expires, sort: true, render: time},
    {key: "days_left", label: words.daysLeft, align: "end", sort: true, render: expiry},
  ]});
}

function expiry(days) {
  if (days < 0) return badge("error", words.expired);
  return days < soon ? badge("warning", words.days(count(days))) : words.days(count(days));
}
