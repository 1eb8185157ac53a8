// The manual: its list of pages, the search, and one page.

import {api} from "../api.js";
import {notice} from "../components/notice.js";
import {field, fill, h} from "../dom.js";
import {count} from "../format.js";
import {link, page} from "../router.js";
import {text} from "../strings.js";
import {afterPause, failure, loading} from "./common.js";
import {article, goToSection, sectionList} from "./manual-nodes.js";

const words = text.manual;

const title = words.title;

async function render(root, {topic, query}, signal) {
  const content = h("div", {class: "stack"}, loading());
  const search = searchField(content, query.get("search") ?? "", signal);
  root.append(search.element, content);
  if (topic) return showPage(content, topic, signal);
  return search.run();
}

// searchField shows the matches of what is typed, or all pages if nothing is.
function searchField(content, value, signal) {
  const input = h("input", {type: "search", value, autocomplete: "off", spellcheck: "false"});
  const total = h("p", {class: "muted", role: "status"});
  let latest = 0;
  const run = async () => {
    const mine = ++latest;
    const needle = input.value.trim();
    try {
      const {pages, more} = await api.get("manual", {query: {search: needle}, signal});
      if (mine !== latest) return;
      fill(total, needle ? words.matches(count(pages.length), more) : "");
      fill(content, needle ? matches(pages, needle) : contents(pages));
    } catch (error) {
      if (!signal.aborted && mine === latest) fill(content, failure(error, run));
    }
  };
  input.addEventListener("input", afterPause(run));
  const element = h("form", {role: "search", class: "row spread"}, field(words.search, input), total);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  return {element, run};
}

function contents(pages) {
  return h("ul", {class: "manual-list"}, pages.map((p) => h("li", null, h("a", {href: page("manual", p.topic)}, p.title), p.purpose && h("p", {class: "muted"}, p.purpose))));
}

function matches(pages, needle) {
  if (pages.length === 0) return notice("info", words.noMatch(needle));
  return h("ul", {class: "manual-list"}, pages.map((p) => h("li", null,
    h("a", {href: page("manual", p.topic) + (p.anchor ? `#${encodeURIComponent(p.anchor)}` : "")}, p.heading && p.heading !== p.title ? `${p.title}: ${p.heading}` : p.title),
    p.excerpt && h("p", {class: "muted"}, marked(plain(p.excerpt), needle)))));
}

// plain returns a line of Markdown without the marks of tables, lists and code.
export function plain(line) {
  return line.trim().replace(/^\|\s*|\s*\|$/g, "").replace(/\s*\|\s*/g, " · ").replace(/^(?:[-*]|\d+\.|#+|>)\s+/, "").replace(/`+/g, "");
}

// marked returns a text in which the search is marked.
function marked(excerpt, needle) {
  const at = excerpt.toLowerCase().indexOf(needle.toLowerCase());
  if (at < 0) return excerpt;
  return [excerpt.slice(0, at), h("mark", null, excerpt.slice(at, at + needle.length)), excerpt.slice(at + needle.length)];
}

async function showPage(content, topic, signal) {
  try {
    const [{pages}, found] = await Promise.all([api.get("manual", {signal}), api.get(`manual/${encodeURIComponent(topic)}`, {signal})]);
    const body = article(found.blocks, topic);
    fill(content, h("div", {class: "manual"}, topics(pages, topic), h("div", {class: "stack"}, sectionList(found.blocks), body)));
    document.title = `${found.title} – ${text.app.product}`;
    goToSection(body, signal);
  } catch (error) {
    if (signal.aborted) return;
    const back = h("p", null, h("a", {href: link("/manual")}, words.toList));
    fill(content, error.status === 404 ? notice("info", words.missing(topic), back) : failure(error, () => showPage(content, topic, signal)));
  }
}

function topics(pages, topic) {
  return h("nav", {class: "topics", "aria-label": words.topics}, h("ul", null, pages.map((p) => h("li", null, h("a", {href: page("manual", p.topic), "aria-current": p.topic === topic ? "page" : null}, p.title)))));
}

export default {title, render};
