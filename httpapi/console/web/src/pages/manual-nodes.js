// Builds the nodes of a page of the manual from its blocks. The text of the manual only ever becomes
// text nodes, and a link or a picture only leads to where the server has said that it may.

import {api} from "../api.js";
import {h} from "../dom.js";
import {page} from "../router.js";
import {text} from "../strings.js";
import {copyFor, preformatted} from "./common.js";

const words = text.manual;

// article returns the page. Its headings are one level lower, because a page of the console has its
// own title.
export function article(blocks, topic) {
  return h("article", {class: "prose"}, blocks.map((b) => block(b, topic)));
}

// sectionList returns the links to the sections of a page, or null for a short page.
export function sectionList(blocks) {
  const sections = blocks.filter((b) => b.kind === "heading" && b.level === 2);
  if (sections.length < 2) return null;
  return h("details", {class: "sections"}, h("summary", null, words.onThisPage), h("ul", {class: "list"}, sections.map((b) => h("li", null, h("a", {href: `#${encodeURIComponent(b.id)}`}, plain(b.text))))));
}

// goToSection shows the section that the address names.
export function goToSection(root, signal) {
  const go = () => {
    const id = decode(location.hash.slice(1));
    const target = id && root.querySelector(`#${CSS.escape(id)}`);
    if (!target) return;
    target.scrollIntoView();
    target.focus({preventScroll: true});
  };
  addEventListener("hashchange", go, {signal});
  go();
}

function decode(fragment) {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return "";
  }
}

const kinds = {
  heading: (b, topic) => h(`h${Math.min(b.level + 1, 6)}`, {id: b.id, tabindex: -1}, spans(b.text, topic)),
  paragraph: (b, topic) => h("p", null, spans(b.text, topic)),
  code: (b) => code(b),
  list: (b, topic) => h(b.ordered ? "ol" : "ul", {class: "list", start: b.ordered && b.start > 1 ? b.start : null}, (b.items ?? []).map((item) => h("li", null, item.map((inner) => block(inner, topic))))),
  table: (b, topic) => table(b, topic),
  quote: (b, topic) => h("blockquote", null, (b.blocks ?? []).map((inner) => block(inner, topic))),
  rule: () => h("hr"),
};

function block(b, topic) {
  return kinds[b.kind]?.(b, topic) ?? null;
}

function code(b) {
  const commands = b.language?.startsWith("console") ? commandsOf(b.code) : b.code;
  const label = words.code(b.language);
  return h("div", {class: "snippet"}, preformatted(label, b.code.replace(/\n$/, "")), commands && copyFor(label, () => commands));
}

// commandsOf returns the commands of a session without their prompts and output.
function commandsOf(session) {
  const lines = session.split("\n");
  const isCommand = (i) => lines[i].startsWith("$ ") || (i > 0 && lines[i - 1].endsWith("\\") && isCommand(i - 1));
  return lines.filter((_, i) => isCommand(i)).map((line) => line.replace(/^\$ /, "")).join("\n");
}

function table(b, topic) {
  const label = (b.header ?? []).map(plain).join(", ") || words.table;
  return h("div", {class: "table-scroll", tabindex: 0, role: "region", "aria-label": label}, h("table", null,
    h("thead", null, h("tr", null, (b.header ?? []).map((cell) => h("th", {scope: "col"}, spans(cell, topic))))),
    h("tbody", null, (b.rows ?? []).map((row) => h("tr", null, row.map((cell) => h("td", null, spans(cell, topic))))))));
}

function spans(all, topic) {
  return (all ?? []).map((s) => span(s, topic));
}

function span(s, topic) {
  let node = s.image ? h("img", {src: api.url(`manual/images/${encodeURIComponent(s.image)}`), alt: s.text, loading: "lazy"}) : s.text;
  if (s.code) node = h("code", null, node);
  if (s.emphasis) node = h("em", null, node);
  if (s.strong) node = h("strong", null, node);
  const href = s.link && address(s.link, topic);
  if (href) node = h("a", {href, rel: s.link.url ? "noopener noreferrer" : null, target: s.link.url ? "_blank" : null}, node);
  return s.break ? [node, h("br")] : node;
}

// address returns the target of a link, or null if it is of no known kind.
function address(to, topic) {
  const section = to.section ? `#${encodeURIComponent(to.section)}` : "";
  if (to.topic) return page("manual", to.topic) + section;
  if (section) return page("manual", topic) + section;
  return /^(https?:\/\/|mailto:)/i.test(to.url ?? "") ? to.url : null;
}

function plain(all) {
  return (all ?? []).map((s) => s.text).join("");
}
