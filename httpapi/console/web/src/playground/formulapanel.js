// The panel with what belongs into Tableau: the formula, or the script itself.

import {copyButton} from "../components/copy.js";
import {notice} from "../components/notice.js";
import {fieldExpression, formula, functions} from "../data/formula.js";
import {h} from "../dom.js";
import {text} from "../strings.js";

const words = text.playground.formula;
const maxShown = 20_000; // characters

// formulaContent returns {key, title, nodes()}; an equal key means equal content.
export function formulaContent({kind, script, functionName, args}) {
  if (functions.includes(kind)) return formulaOf(kind, script, args);
  const title = kind === "table" ? words.tableTitle : words.prepTitle;
  return {
    key: kind + "\n" + functionName + "\n" + script,
    title,
    nodes: () => [h("p", {class: "muted"}, kind === "table" ? words.tableHint : words.prepHint(functionName || text.playground.functionNameDefault)),
      h("div", {class: "row"}, copyButton(words.copyScript, () => script), kind === "prep" && h("button", {type: "button", onclick: () => download(script, "script.py")}, words.download))],
  };
}

function formulaOf(fn, script, args) {
  const columns = args.length ? args : [{name: words.fieldName, type: "real"}];
  const content = formula({fn, script, args: columns});
  const isText = columns.some((c) => !fieldExpression(c).startsWith("SUM"));
  return {
    key: content + args.length,
    title: words.title,
    nodes: () => [
      args.length === 0 && notice("warning", words.noArguments),
      h("p", {class: "muted"}, words.hint, isText && " " + words.attrHint),
      h("pre", {class: "output", tabindex: 0, role: "region", "aria-label": words.code}, content.length > maxShown ? content.slice(0, maxShown) + "\n…" : content),
      h("div", null, copyButton(words.copy, () => content)),
    ],
  };
}

function download(content, name) {
  const url = URL.createObjectURL(new Blob([content], {type: "text/x-python"}));
  h("a", {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
