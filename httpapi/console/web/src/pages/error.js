// One error, found by its call ID.

import {api} from "../api.js";
import {notice} from "../components/notice.js";
import {fill, h} from "../dom.js";
import {time} from "../format.js";
import {link, page} from "../router.js";
import {text} from "../strings.js";
import {copyFor, failure, loading, preformatted, terms} from "./common.js";

const words = text.errors;

const title = words.detailTitle;

async function render(root, {id}, signal) {
  const back = h("p", null, h("a", {href: link("/errors")}, words.toList));
  fill(root, back, loading());
  const load = async () => {
    try {
      fill(root, back, entry(await api.get(`errors/${encodeURIComponent(id)}`, {signal})));
    } catch (error) {
      if (signal.aborted) return;
      fill(root, back, error.status === 404 ? notice("info", words.missing(id), h("p", null, words.missingAdvice)) : failure(error, load));
    }
  };
  await load();
}

function entry(e) {
  return [
    h("section", {class: "panel", "aria-label": words.detailTitle}, terms([
      [words.class, h("strong", null, e.class)],
      [words.line, e.line || null],
      [words.time, time(e.time)],
      [words.account, e.account || words.anonymous],
      [words.endpoint, e.endpoint && h("a", {href: page("endpoints", e.endpoint)}, e.endpoint)],
      [words.route, e.route && h("code", null, e.route)],
      [words.status, e.status],
      [words.limit, e.limit && (words.limits[e.limit] ?? e.limit)],
      [words.digest, e.digest && h("code", null, e.digest)],
      [words.id, h("span", {class: "row"}, h("code", null, e.id), copyFor(words.id, () => e.id))],
    ])),
    e.message !== undefined
      ? h("section", {class: "panel stack", "aria-label": words.message}, h("h2", null, words.message), h("pre", null, e.message))
      : notice("info", words.noText, h("p", null, words.noTextAdvice)),
    e.traceback && h("section", {class: "panel stack", "aria-label": text.common.traceback}, h("h2", null, text.common.traceback), preformatted(text.common.traceback, e.traceback)),
  ];
}

export default {title, render};
