// Writes the request for a run.

import {convert} from "./types.js";

// convertColumns returns the columns with their values in the chosen types, and the warnings about
// values that could not be converted.
export function convertColumns(columns) {
  const warnings = [];
  const converted = columns.map((column) => {
    const {values, failed, first} = convert(column.cells, column.type);
    if (failed > 0) warnings.push({code: "failed", detail: {name: column.name, type: column.type, failed, ...first}});
    return {...column, values};
  });
  return {columns: converted, warnings};
}

// runBody returns the text of the request. Columns have values and a type. The numbers of a real
// column are written with a point, because Python makes an int of 1 and a float of 1.0.
export function runBody({kind, fn, script, functionName, columns}) {
  const parts = [`"kind":${JSON.stringify(kind)}`, `"script":${JSON.stringify(script)}`];
  if (kind === "script") {
    parts.push(`"function":${JSON.stringify(fn)}`, `"args":[${columns.map(listOf).join(",")}]`);
  } else {
    parts.push(`"table":{${columns.map((c) => `${JSON.stringify(c.name)}:${listOf(c)}`).join(",")}}`);
  }
  if (kind === "prep") parts.push(`"function_name":${JSON.stringify(functionName)}`);
  return `{${parts.join(",")}}`;
}

function listOf({values, type}) {
  return type === "real" ? `[${values.map(realOf).join(",")}]` : JSON.stringify(values);
}

function realOf(value) {
  if (value === null) return "null";
  const digits = String(value);
  return /^-?\d+$/.test(digits) ? digits + ".0" : digits;
}
