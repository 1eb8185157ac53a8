import assert from "node:assert/strict";
import {test} from "node:test";
import {fieldExpression, formula, parseFormula, quoteText} from "../src/data/formula.js";

test("texts stand in the quotes that they do not contain", () => {
  assert.equal(quoteText("return _arg1"), '"return _arg1"');
  assert.equal(quoteText('return "x"'), "'return \"x\"'");
  assert.equal(quoteText("it's \"x\" \\"), '"it\'s ""x"" \\"');
  assert.equal(quoteText("a\r\nb\rc"), '"a\nb\nc"');
});

test("fields are aggregated by type, and brackets in their names doubled", () => {
  assert.equal(fieldExpression({name: "Sales [EUR]", type: "real"}), "SUM([Sales [EUR]]])");
  assert.equal(fieldExpression({name: "Region", type: "text"}), "ATTR([Region])");
});

test("a formula is read back", () => {
  const scripts = ["return _arg1", 'a = "1"\nreturn a', "it's", `'''x''' + """y"""`, "", "\\", '"', "'"];
  for (const script of scripts) {
    const source = formula({fn: "SCRIPT_STR", script, args: [{name: "a]b", type: "int"}, {name: "c, (d", type: "text"}]});
    assert.deepEqual(parseFormula(source), {fn: "SCRIPT_STR", script, args: ["SUM([a]]b])", "ATTR([c, (d])"]}, script);
  }
});

test("formulas as people write them", () => {
  assert.deepEqual(parseFormula("// a comment\n script_real ( 'x' , IF(SUM([a]) > 1, 'y)', \"z\") )"), {fn: "SCRIPT_REAL", script: "x", args: ["IF(SUM([a]) > 1, 'y)', \"z\")"]});
  assert.deepEqual(parseFormula("SCRIPT_INT('x')").args, []);
});

test("other texts are no formula", () => {
  for (const source of ["", "return 1", "SCRIPT_REAL(", "SCRIPT_REAL('x", "SCRIPT_REAL('x', SUM([a])", "SCRIPT_REAL([a])", "SUM([x])"]) assert.equal(parseFormula(source), null, source);
});
