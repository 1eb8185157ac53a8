// Makes the arguments of a query of the text that was typed: JSON, or columns of CSV or TSV.

import {convertColumns} from "../data/arguments.js";
import {DataError, readDataset} from "../data/dataset.js";
import {text} from "../strings.js";

const problems = text.playground.dataPanel.problems;
const detect = {format: "csv", separator: "auto", header: "auto"};

// argumentsOf returns a promise of {args, warnings} or {problem}. names are those of the
// parameters; columns of the same names become named arguments, others stand in their order.
export async function argumentsOf(source, names) {
  if (/^\s*[[{"]/.test(source)) return fromJSON(source);
  try {
    const {columns, warnings} = await readDataset(source, detect);
    const converted = convertColumns(columns);
    const texts = [...warnings.map((w) => problems[w.code]?.(w.detail)), ...converted.warnings.map((w) => text.playground.converted(w.detail))];
    return {args: arrange(converted.columns, names), warnings: texts.filter(Boolean)};
  } catch (error) {
    if (error instanceof DataError) return {problem: problems[error.code](error.detail)};
    throw error;
  }
}

// fromJSON accepts arguments, and the body of a request to /query.
function fromJSON(source) {
  try {
    const value = JSON.parse(source);
    const isRequest = value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).join() === "data";
    return {args: isRequest ? value.data : value, warnings: []};
  } catch (error) {
    return {problem: problems.json(error.message)};
  }
}

function arrange(columns, names) {
  const isNamed = columns.length > 0 && columns.every((c) => names.includes(c.name));
  return isNamed ? Object.fromEntries(columns.map((c) => [c.name, c.values])) : columns.map((c) => c.values);
}
