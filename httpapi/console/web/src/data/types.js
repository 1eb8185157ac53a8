// Guesses the types of columns, and converts values.

// types lists the types that a column can have. Dates are passed as text, as Tableau does.
export const types = ["int", "real", "bool", "text", "date", "json"];

const integer = /^[+-]?(?:0|[1-9]\d*)$/;
const real = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const boolean = /^(?:true|false)$/i;
const date = /^(\d{4})-(\d{2})-(\d{2})(?:[T ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

// guessType returns the narrowest type that all values have. Missing values (null) have every
// type; a column of nothing else is text.
export function guessType(cells) {
  let type = null;
  for (const cell of cells) {
    if (cell === null) continue;
    type = widen(type, typeOf(cell));
    if (type === "text" || type === "json") return settle(type, cells);
  }
  return type ?? "text";
}

// settle returns "json" if a column has texts besides other values of JSON.
function settle(type, cells) {
  if (type === "json") return type;
  const hasOther = cells.some((c) => c !== null && typeof c !== "string");
  return hasOther ? "json" : "text";
}

function widen(a, b) {
  if (a === null || a === b) return b;
  if ((a === "int" && b === "real") || (a === "real" && b === "int")) return "real";
  return a === "json" || b === "json" ? "json" : "text";
}

function typeOf(cell) {
  if (typeof cell === "number") return Number.isSafeInteger(cell) ? "int" : "real";
  if (typeof cell === "boolean") return "bool";
  if (typeof cell !== "string") return "json";
  const s = cell.trim();
  if (integer.test(s)) return Number.isSafeInteger(Number(s)) ? "int" : "text"; // digits would be lost
  if (real.test(s)) return Number.isFinite(Number(s)) ? "real" : "text";
  if (boolean.test(s)) return "bool";
  return isDate(s) ? "date" : "text";
}

function isDate(s) {
  const parts = date.exec(s);
  if (!parts) return false;
  const [year, month, day] = parts.slice(1, 4).map(Number);
  const at = new Date(Date.UTC(year, month - 1, day));
  return year >= 1 && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
}

// convert returns {values, failed, first}: the values in the type; how many cannot be converted,
// and have become null; and the first of these as {row, cell}, counted from 1.
export function convert(cells, type) {
  const one = converters[type];
  const result = {values: new Array(cells.length), failed: 0, first: null};
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    const value = cell === null ? null : one(cell);
    result.values[i] = value === undefined ? null : value;
    if (value !== undefined) continue;
    result.failed++;
    result.first ??= {row: i + 1, cell};
  }
  return result;
}

const converters = {
  int: (cell) => numberOr(cell, integer),
  real: (cell) => numberOr(cell, real),
  bool: (cell) => {
    const s = asText(cell).trim();
    return boolean.test(s) ? s.toLowerCase() === "true" : undefined;
  },
  text: asText,
  date: asText,
  json: (cell) => cell,
};

function numberOr(cell, pattern) {
  const s = asText(cell).trim();
  const n = Number(s);
  return pattern.test(s) && Number.isFinite(n) ? n : undefined;
}

function asText(cell) {
  return typeof cell === "string" ? cell : JSON.stringify(cell);
}
