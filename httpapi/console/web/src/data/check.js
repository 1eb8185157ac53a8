// Checks a result as Tableau does before it shows one.

// checkResult returns a list of {kind: "ok" or "warning", code, detail}. rows is the number of
// rows that the script was given, and total the number of values if the server has cut the result.
// code is a key of text.check in strings.js.
export function checkResult(value, {kind, fn, rows, total, schema}) {
  if (kind === "script") return checkScript(value, fn, rows, total);
  return checkTable(value, kind, schema);
}

function checkScript(value, fn, rows, total) {
  if (value === null || value === undefined) return [warning("nothing")];
  if (isObject(value)) return [warning("object")];
  const list = Array.isArray(value) ? value : [value];
  return [checkCount(total ?? list.length, rows), checkTypes(list, fn)].filter(Boolean);
}

function checkCount(n, rows) {
  if (n === rows) return ok("rows", n);
  if (n === 1) return ok("single", rows);
  return warning("count", {values: n, rows});
}

const accepts = {
  SCRIPT_REAL: (v) => typeof v === "number",
  SCRIPT_INT: (v) => Number.isInteger(v),
  SCRIPT_STR: (v) => typeof v === "string",
  SCRIPT_BOOL: (v) => typeof v === "boolean",
};

function checkTypes(list, fn) {
  const isRight = accepts[fn];
  const at = list.findIndex((v) => v !== null && !isRight(v));
  if (at < 0) return null;
  const code = Array.isArray(list[at]) || isObject(list[at]) ? "nested" : "type";
  return warning(code, {fn, row: at + 1, value: list[at]});
}

function checkTable(value, kind, schema) {
  if (value === null || value === undefined) return [warning("nothing")];
  if (!isObject(value)) return [warning("noTable")];
  const names = Object.keys(value);
  if (!names.length) return [warning("noColumns")];
  const single = names.find((name) => !Array.isArray(value[name]));
  if (single !== undefined) return [warning("noList", single)];
  const lengths = names.map((name) => value[name].length);
  const at = lengths.findIndex((n) => n !== lengths[0]);
  if (at > 0) return [warning("lengths", {first: names[0], n: lengths[0], other: names[at], m: lengths[at]})];
  return [ok("table", {rows: lengths[0], columns: names.length}), ...(kind === "prep" ? checkSchema(names, schema) : [])];
}

// checkSchema compares the columns with those of get_output_schema, if the script has it.
function checkSchema(names, schema) {
  if (!schema) return [];
  const promised = Object.keys(schema);
  const absent = promised.filter((name) => !names.includes(name));
  const extra = names.filter((name) => !promised.includes(name));
  const result = [];
  if (absent.length) result.push(warning("schemaMissing", absent));
  if (extra.length) result.push(warning("schemaExtra", extra));
  return result;
}

// tableOf returns {columns: [names], rows: [[...]]} of any result, for showing it. order has the
// names of the columns in the order of the script; JavaScript moves names like "2026" forward.
export function tableOf(value, order) {
  if (isObject(value) && Object.values(value).every(Array.isArray)) {
    const columns = order?.every((name) => name in value) ? order : Object.keys(value);
    const n = columns.reduce((most, c) => Math.max(most, value[c].length), 0);
    return {columns, rows: Array.from({length: n}, (_, i) => columns.map((c) => value[c][i]))};
  }
  if (isObject(value)) return {columns: ["key", "value"], rows: Object.entries(value)};
  const list = Array.isArray(value) ? value : [value];
  return {columns: ["value"], rows: list.map((v) => [v])};
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

const ok = (code, detail) => ({kind: "ok", code, detail});
const warning = (code, detail) => ({kind: "warning", code, detail});
