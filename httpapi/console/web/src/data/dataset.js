// Makes columns of the text that was pasted, dropped or opened: CSV in all its forms, or JSON.

import {CsvReader, guessSeparator} from "./csv.js";
import {guessType} from "./types.js";

const step = 2000; // records between two pauses
const maxColumns = 1000;

// DataError is a text that is neither CSV nor JSON that could be columns. code is a key of
// text.data.problems in strings.js.
export class DataError extends Error {
  constructor(code, detail) {
    super(code);
    Object.assign(this, {name: "DataError", code, detail});
  }
}

// readDataset returns {columns: [{name, cells, type}], rows, format, separator, hasHeader,
// warnings: [{code, detail}], script}. options are {format: "auto", "csv" or "json", separator:
// "auto" or a character, header: "auto", "yes" or "no"}. pause is awaited between steps.
export async function readDataset(source, options, pause = async () => {}) {
  const isJSON = options.format === "json" || (options.format !== "csv" && looksLikeJSON(source));
  const dataset = isJSON ? fromJSON(source) : await fromCSV(source, options, pause);
  checkWidth(dataset.columns.length);
  for (const column of dataset.columns) {
    column.type = guessType(column.cells);
    await pause();
  }
  return {rows: dataset.columns.reduce((n, c) => Math.max(n, c.cells.length), 0), ...dataset};
}

function checkWidth(columns) {
  if (columns > maxColumns) throw new DataError("tooManyColumns", {columns, max: maxColumns});
}

function looksLikeJSON(source) {
  return /^\uFEFF?\s*[[{]/.test(source.slice(0, 1000));
}

async function fromCSV(source, options, pause) {
  const separator = options.separator === "auto" ? guessSeparator(source) : options.separator;
  const reader = new CsvReader(source, separator);
  while (!reader.read(step)) await pause();
  const {records} = reader;
  const warnings = reader.problems.map(({record, kind}) => ({code: kind, detail: record + 1}));
  const hasHeader = options.header === "auto" ? guessHeader(records) : options.header === "yes";
  const width = records.reduce((n, r) => Math.max(n, r.length), 0);
  checkWidth(width);
  const names = uniqueNames(hasHeader && records.length ? records.shift() : [], width);
  warnings.push(...unevenRecords(records, hasHeader ? names.given : null, hasHeader));
  const columns = [];
  for (const [i, name] of names.entries()) {
    columns.push({name, cells: records.map((r) => r[i] ?? null)});
    await pause();
  }
  return {columns, format: "csv", separator, hasHeader, warnings};
}

// unevenRecords warns of the first record whose number of values differs from that of the header
// or of the first record.
function unevenRecords(records, given, hasHeader) {
  const expected = given ?? records[0]?.length;
  const at = records.findIndex((r) => r.length !== expected);
  if (at < 0) return [];
  const more = records.filter((r) => r.length !== expected).length;
  return [{code: "uneven", detail: {record: at + 1 + Number(hasHeader), values: records[at].length, expected, more: more - 1}}];
}

// guessHeader reports whether the first record names the columns: its values are there, differ
// from each other, and none is a number, a date or a truth value.
export function guessHeader(records) {
  if (records.length < 2) return false;
  const [first] = records;
  const texts = first.map((v) => (v ?? "").trim());
  if (texts.includes("") || new Set(texts).size !== texts.length) return false;
  return first.every((v) => guessType([v]) === "text");
}

// uniqueNames returns a name for each column. Its property given is the width of the header.
export function uniqueNames(header, width) {
  const used = new Set();
  const names = Array.from({length: width}, (_, i) => {
    const wanted = (header[i] ?? "").trim() || `Column ${i + 1}`;
    let name = wanted;
    for (let n = 2; used.has(name); n++) name = `${wanted} (${n})`;
    used.add(name);
    return name;
  });
  return Object.assign(names, {given: header.length || width});
}

function fromJSON(source) {
  const value = parseJSON(source.replace(/^\uFEFF/, ""));
  const isRequest = isObject(value) && typeof value.script === "string" && isObject(value.data);
  const columns = columnsOf(isRequest ? value.data : value);
  const lengths = new Set(columns.map((c) => c.cells.length));
  const warnings = lengths.size > 1 ? [{code: "lengths", detail: [...lengths]}] : [];
  return {columns, format: "json", separator: null, hasHeader: false, warnings, script: isRequest ? value.script : undefined};
}

function parseJSON(source) {
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new DataError("json", error.message);
  }
}

// columnsOf accepts an object of lists, a list of records, a list of lists, and a list of values.
function columnsOf(value) {
  if (isObject(value)) return Object.keys(value).sort(byArgument).map((name) => ({name, cells: asList(value[name])}));
  if (!Array.isArray(value)) throw new DataError("jsonShape");
  if (value.length > 0 && value.every(isObject)) return recordColumns(value);
  if (value.length > 0 && value.every(Array.isArray)) return value.map((cells, i) => ({name: `_arg${i + 1}`, cells: cells.map(missing)}));
  return [{name: "_arg1", cells: value.map(missing)}];
}

function recordColumns(records) {
  const names = new Set(records.flatMap((r) => Object.keys(r)));
  return [...names].map((name) => ({name, cells: records.map((r) => missing(r[name]))}));
}

// byArgument sorts _arg2 before _arg10, and leaves other names in their order.
function byArgument(a, b) {
  const [x, y] = [a, b].map((name) => Number(/^_arg(\d+)$/.exec(name)?.[1]));
  return x - y || 0;
}

function asList(value) {
  return (Array.isArray(value) ? value : [value]).map(missing);
}

const missing = (value) => value ?? null;

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
