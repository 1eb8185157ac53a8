import assert from "node:assert/strict";
import {test} from "node:test";
import {CsvReader, guessSeparator} from "../src/data/csv.js";

function read(source, separator = ",") {
  const reader = new CsvReader(source, separator);
  while (!reader.read(1));
  return reader;
}

test("values, quotes, line breaks and doubled quotes", () => {
  assert.deepEqual(read('a,"b ""x"", c",d\n"line\r\nbreak",,""\n').records, [["a", 'b "x", c', "d"], ["line\r\nbreak", null, ""]]);
});

test("line ends of all systems, and none at the end", () => {
  for (const end of ["\n", "\r\n", "\r"]) assert.deepEqual(read(`a,b${end}1,2${end}3,4`).records, [["a", "b"], ["1", "2"], ["3", "4"]]);
});

test("a byte order mark is skipped, and blank lines are", () => {
  assert.deepEqual(read("\uFEFFa,b\n\n1,2\n\r\n").records, [["a", "b"], ["1", "2"]]);
});

test("a separator at the end of the text or of a line ends a missing value", () => {
  assert.deepEqual(read("a,\nb,").records, [["a", null], ["b", null]]);
  assert.deepEqual(read(",\n").records, [[null, null]]);
});

test("an unclosed quote is a problem, and nothing is lost", () => {
  const reader = read('a,b\n1,"two\n3,4');
  assert.deepEqual(reader.records, [["a", "b"], ["1", "two\n3,4"]]);
  assert.deepEqual(reader.problems, [{record: 1, kind: "unclosed"}]);
});

test("characters after a closing quote are kept and reported", () => {
  const reader = read('"a"b,c\n"d" ,e');
  assert.deepEqual(reader.records, [["ab", "c"], ["d", "e"]]);
  assert.deepEqual(reader.problems, [{record: 0, kind: "afterQuote"}]);
});

test("a quote within a value has no meaning", () => {
  assert.deepEqual(read('5" pipe,b').records, [['5" pipe', "b"]]);
});

test("empty texts have no records", () => {
  for (const source of ["", "\n", "\uFEFF", "\r\n\r\n"]) assert.deepEqual(read(source).records, []);
});

test("writing and reading again gives the same values", () => {
  let seed = 7;
  const random = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  const alphabet = ["a", '"', ",", "\n", "\r", ";", " ", "é", "\t", "1"];
  for (let i = 0; i < 500; i++) {
    const records = Array.from({length: 1 + random(4)}, () => Array.from({length: 3}, () => Array.from({length: random(5)}, () => alphabet[random(10)]).join("")));
    const source = records.map((r) => r.map((v) => `"${v.replaceAll('"', '""')}"`).join(",")).join("\r\n");
    assert.deepEqual(read(source).records, records);
  }
});

test("separators are guessed by how evenly they split", () => {
  assert.equal(guessSeparator("a,b\n1,2\n"), ",");
  assert.equal(guessSeparator("a;b\n1,5;2,5\n"), ";");
  assert.equal(guessSeparator("1,5;2,5\n3,5;4,5\n"), ";");
  assert.equal(guessSeparator("a\tb\n1,5\t2,5\n"), "\t");
  assert.equal(guessSeparator("a|b|c\n1|2|3"), "|");
  assert.equal(guessSeparator("name,note\nx,one; two\ny,three"), ",");
  assert.equal(guessSeparator("single\n1\n2"), ",");
  assert.equal(guessSeparator(""), ",");
});
