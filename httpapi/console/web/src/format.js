// Writes figures for people.

import {h} from "./dom.js";

// whenNeeded returns a function that makes a value at its first call. Each of the browser's formats
// takes about 20 ms to make.
export function whenNeeded(make) {
  let value;
  return () => value ??= make();
}

const timeFormat = whenNeeded(() => new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "medium"}));
const dayFormat = whenNeeded(() => new Intl.DateTimeFormat(undefined, {dateStyle: "medium"}));
const countFormat = whenNeeded(() => new Intl.NumberFormat("en"));

// count returns a number with separators for thousands.
export function count(n) {
  return Number.isInteger(n) && n >= 0 && n < 1000 ? String(n) : countFormat().format(n);
}

// time returns a time element in the reader's zone, with the UTC time as its title.
export function time(iso) {
  return timeElement(iso, timeFormat);
}

// day returns the same with the date only.
export function day(iso) {
  return timeElement(iso, dayFormat);
}

function timeElement(iso, format) {
  const date = new Date(iso);
  if (!iso || Number.isNaN(date.getTime())) return "–";
  return h("time", {datetime: iso, title: date.toISOString()}, format().format(date));
}

// duration returns milliseconds with three digits and a unit: "0.42 ms", "12.3 ms", "1.25 s".
export function duration(ms) {
  if (!Number.isFinite(ms)) return "–";
  if (ms >= 60000) return `${Math.floor(ms / 60000)} min ${Math.round((ms % 60000) / 1000)} s`;
  if (ms >= 1000) return `${digits(ms / 1000)} s`;
  return `${digits(ms)} ms`;
}

// bytes returns a size with three digits and a binary unit: "512 B", "1.5 MiB".
export function bytes(n) {
  if (!Number.isFinite(n)) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = n;
  let i = 0;
  for (; Math.abs(size) >= 1024 && i < units.length - 1; i++) size /= 1024;
  return `${i === 0 ? size : digits(size)} ${units[i]}`;
}

function digits(x) {
  if (x === 0) return "0";
  if (Math.abs(x) >= 100) return x.toFixed(0);
  return String(Number(x.toPrecision(Math.abs(x) < 0.01 ? 1 : 3)));
}
