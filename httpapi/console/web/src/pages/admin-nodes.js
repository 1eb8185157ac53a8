// Administration: the nodes of the cluster, and what to do about them.

import {api} from "../api.js";
import {notice} from "../components/notice.js";
import {dataTable} from "../components/table.js";
import {fill, h} from "../dom.js";
import {count, day, duration} from "../format.js";
import {link} from "../router.js";
import {text} from "../strings.js";
import {badge, failure, terms} from "./common.js";

const words = text.admin.nodes;
const pause = 5000; // ms between two readings
const late = 30; // days; certificates are renewed long before
const kinds = {leader: "ok", follower: "ok", candidate: "warning", unreachable: "error", left: "info"};

// nodes shows the state of the cluster, and reads it again until signal is aborted.
export function nodes(first, signal) {
  const summary = h("div", {class: "stack"});
  const table = dataTable({caption: text.admin.sections.nodes, isCaptionHidden: true, rows: first.nodes, columns, isHeadWrapped: true});
  const advice = h("div", {class: "stack"});
  const problem = h("div");
  let shown = "";
  const show = (cluster) => {
    if (shown === JSON.stringify(cluster)) return;
    shown = JSON.stringify(cluster);
    fill(summary, overview(cluster));
    table.update(cluster.nodes);
    fill(advice, notes(cluster));
  };
  show(first);
  repeat(async () => {
    try {
      show(await api.get("admin/nodes", {signal}));
      fill(problem);
    } catch (error) {
      if (!signal.aborted) fill(problem, failure(error, null));
    }
  }, () => table.offsetParent !== null, signal);
  return [problem, summary, table, advice, h("p", null, h("a", {href: link("/manual/cluster")}, words.about))];
}

// repeat calls work from time to time while the page is visible and isShown returns true. work is not
// called again before its promise is fulfilled.
function repeat(work, isShown, signal) {
  let timer;
  const next = () => {
    timer = setTimeout(async () => {
      if (!document.hidden && isShown()) await work();
      if (!signal.aborted) next();
    }, pause);
  };
  signal.addEventListener("abort", () => clearTimeout(timer), {once: true});
  next();
}

function overview({cluster, leader, majority, nodes: rows, more}) {
  const voters = rows.filter((row) => row.role === "voter");
  const reached = (list) => words.reached(count(list.filter((row) => row.state !== "unreachable").length), count(list.length));
  return [
    !majority && notice("error", words.noMajority, h("p", null, words.noMajorityAdvice)),
    h("section", {class: "panel", "aria-label": words.overview}, terms([
      [words.leader, leader || words.noLeader],
      [words.changes, majority ? words.accepted : words.refused],
      [words.voters, reached(voters)],
      [words.all, reached(rows)],
      [words.cluster, h("code", null, cluster)],
    ])),
    more > 0 && notice("info", words.more(count(more))),
  ];
}

const columns = [
  {key: "name", label: words.name, header: true, sort: true, render: nameAndAddress},
  {key: "state", label: words.state, sort: true, render: state},
  {key: "role", label: words.role, sort: true, render: (role) => words.roles[role] ?? role},
  {key: "version", label: words.version, sort: true, render: (version) => h("span", {class: "version-cell"}, version)},
  {key: "lag", label: words.lag, align: "end", sort: true, render: lag},
  {key: "missing", label: words.missing, align: "end", sort: true, render: figure},
  {key: "applied", label: words.applied, align: "end", sort: true, render: figure},
  {key: "last_contact_ms", label: words.contact, align: "end", sort: true, render: contact},
  {key: "clock_ms", label: words.clock, align: "end", sort: (row) => Math.abs(row.clock_ms), render: (ms) => (isKnown(ms) ? `${ms < 0 ? "−" : "+"}${duration(Math.abs(ms))}` : "–")},
  {key: "certificate_expires", label: words.expires, sort: true, render: expiry},
];

function nameAndAddress(name, row) {
  return [h("span", null, name), row.self && h("span", {class: "muted"}, ` ${words.self}`), h("code", {class: "address"}, row.address)];
}

function isKnown(value) {
  return value !== undefined && value !== null;
}

function figure(value) {
  return isKnown(value) ? count(value) : "–";
}

function state(value, row) {
  return [badge(kinds[value] ?? "info", words.states[value] ?? value), row.problem && h("p", {class: "hint"}, row.problem)];
}

// lag shows how many changes a node lacks, and since when.
function lag(entries, row) {
  if (!isKnown(entries)) return "–";
  if (entries === 0) return "0";
  return isKnown(row.delay_ms) ? words.lagOf(count(entries), duration(row.delay_ms)) : count(entries);
}

function contact(ms, row) {
  if (row.state === "leader") return words.leads;
  return isKnown(ms) ? duration(ms) : "–";
}

function expiry(iso, row) {
  if (!iso) return "–";
  const left = row.days_left < 0 ? badge("error", text.admin.expired) : row.days_left < late && badge("warning", text.admin.days(count(row.days_left)));
  return [day(iso), left && [" ", left]];
}

function notes({advice}) {
  if (advice.length === 0) return null;
  return h("section", {class: "panel stack", "aria-label": words.advice}, h("h2", null, words.advice), h("ul", {class: "list"}, advice.map((note) => h("li", null, sentence(note)))));
}

// sentence returns a note, which begins in lower case, as a sentence.
function sentence(note) {
  return `${note.charAt(0).toUpperCase()}${note.slice(1)}.`;
}
