// Reads comma-separated values as RFC 4180 describes them, and as spreadsheets write them: any of
// four separators, quotes around values, line ends of all systems, a byte order mark.

const separators = ["\t", ";", ",", "|"]; // the order in which equal guesses win
const sample = 65536; // characters that a guess looks at
const sampleRecords = 30;

const quote = '"';
const LF = 10;
const CR = 13;

// CsvReader reads a text in steps, so that a page stays responsive. A value is a string, or null
// if nothing stands between two separators; "" in quotes is an empty string.
export class CsvReader {
  constructor(source, separator) {
    this.source = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
    this.separator = separator;
    this.position = 0;
    this.records = [];
    this.problems = []; // {record, kind}: "unclosed", "afterQuote"
  }

  // read reads up to n records and reports whether the text is at its end.
  read(n) {
    for (let i = 0; i < n && this.position < this.source.length; i++) this.#record();
    return this.position >= this.source.length;
  }

  #record() {
    const record = [];
    while (this.#value(record));
    const isBlank = record.length === 1 && record[0] === null;
    if (!isBlank) this.records.push(record);
  }

  // #value reads a value and what ends it, and reports whether the record goes on.
  #value(record) {
    record.push(this.source[this.position] === quote ? this.#quoted() : this.#plain());
    const {source, separator} = this;
    if (this.position >= source.length) return false;
    if (source[this.position] === separator) {
      this.position++;
      if (this.position < source.length) return true;
      record.push(null); // a separator ends the text
      return false;
    }
    if (source.charCodeAt(this.position) === CR && source.charCodeAt(this.position + 1) === LF) this.position++;
    this.position++;
    return false;
  }

  #plain() {
    const start = this.position;
    this.position = this.#endOfValue(start);
    return this.position === start ? null : this.source.slice(start, this.position);
  }

  #endOfValue(from) {
    const {source} = this;
    const separator = this.separator.charCodeAt(0);
    let i = from;
    for (; i < source.length; i++) {
      const c = source.charCodeAt(i);
      if (c === separator || c === LF || c === CR) break;
    }
    return i;
  }

  #quoted() {
    const {source} = this;
    const parts = [];
    let start = this.position + 1;
    for (;;) {
      const end = source.indexOf(quote, start);
      if (end < 0) {
        this.#problem("unclosed");
        parts.push(source.slice(start));
        this.position = source.length;
        break;
      }
      parts.push(source.slice(start, end));
      this.position = end + 1;
      if (source[end + 1] !== quote) break;
      parts.push(quote);
      start = end + 2;
    }
    return parts.join("") + this.#afterQuote();
  }

  // #afterQuote keeps characters between a closing quote and the next separator.
  #afterQuote() {
    const start = this.position;
    this.position = this.#endOfValue(start);
    const rest = this.source.slice(start, this.position);
    if (rest.trim() === "") return "";
    this.#problem("afterQuote");
    return rest;
  }

  #problem(kind) {
    if (this.problems.length < 10) this.problems.push({record: this.records.length, kind});
  }
}

// guessSeparator returns the separator that splits the first records most evenly.
export function guessSeparator(source) {
  let best = ",";
  let bestScore = 0;
  for (const separator of separators) {
    const score = evenness(source, separator);
    if (score > bestScore) {
      best = separator;
      bestScore = score;
    }
  }
  return best;
}

// evenness is the share of records with the most frequent number of values; 0 if that number is 1.
function evenness(source, separator) {
  const reader = new CsvReader(source.slice(0, sample), separator);
  reader.read(sampleRecords);
  const records = source.length > sample ? reader.records.slice(0, -1) : reader.records;
  const counts = new Map();
  for (const record of records) counts.set(record.length, (counts.get(record.length) ?? 0) + 1);
  const [width, times] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [1, 0];
  return width > 1 ? times / records.length : 0;
}
