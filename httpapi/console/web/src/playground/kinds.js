// The uses of a script in Tableau.

import {functions} from "../data/formula.js";
import {text} from "../strings.js";

export const kinds = [...functions, "table", "prep"];

// kindOptions are the options of the control.
export const kindOptions = kinds.map((kind) => [kind, text.playground.kinds[kind] ?? kind]);

// apiKind returns the API's kind and function.
export function apiKind(kind) {
  return functions.includes(kind) ? {kind: "script", fn: kind} : {kind};
}

// fromApi is the reverse of apiKind.
export function fromApi({kind, fn}) {
  return kind === "script" ? fn : kind;
}

// signature returns the line that TabPy puts above a script.
export function signature(kind, columns, functionName) {
  if (kind === "prep") return text.playground.prepSignature(functionName || text.playground.functionNameDefault);
  if (kind === "table") return "def _user_script(tabpy, _arg1):";
  const names = columns.map((_, i) => `_arg${i + 1}`);
  const shown = names.length > 8 ? [...names.slice(0, 7), "...", names.at(-1)] : names;
  return `def _user_script(${["tabpy", ...shown].join(", ")}):`;
}
