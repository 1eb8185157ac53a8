// Writes and reads Tableau's calculations with SCRIPT_ functions.
//
// A text in Tableau stands in single or double quotes, may have line breaks, and contains its own
// quote doubled. Backslashes have no meaning. In the name of a field, ] is doubled.

export const functions = ["SCRIPT_REAL", "SCRIPT_INT", "SCRIPT_STR", "SCRIPT_BOOL"];

// quoteText returns a text literal, in the quotes that need no doubling if there are such.
export function quoteText(source) {
  const s = source.replace(/\r\n?/g, "\n");
  if (!s.includes('"')) return `"${s}"`;
  if (!s.includes("'")) return `'${s}'`;
  return `"${s.replaceAll('"', '""')}"`;
}

// fieldExpression returns the aggregated field of a column. SCRIPT_ functions accept aggregates
// only.
export function fieldExpression({name, type}) {
  const field = `[${name.replaceAll("]", "]]")}]`;
  return type === "int" || type === "real" ? `SUM(${field})` : `ATTR(${field})`;
}

// formula returns the calculation. args are columns in the order of _arg1, _arg2, ...
export function formula({fn, script, args}) {
  const list = [quoteText(script), ...args.map(fieldExpression)];
  return `${fn}(${list.join(",\n")})`;
}

// parseFormula returns {fn, script, args} of a calculation, with args as their texts, or null if
// the text is something else.
export function parseFormula(source) {
  const start = /^(?:\s|\/\/[^\n]*\n)*(SCRIPT_(?:REAL|INT|STR|BOOL))\s*\(\s*(?=["'])/i.exec(source);
  if (!start) return null;
  const literal = readLiteral(source, start[0].length);
  if (!literal) return null;
  const rest = readArguments(source, literal.end);
  return rest && {fn: start[1].toUpperCase(), script: literal.value, args: rest};
}

function readLiteral(source, start) {
  const quote = source[start];
  let value = "";
  for (let i = start + 1; i < source.length; i++) {
    if (source[i] !== quote) value += source[i];
    else if (source[i + 1] === quote) value += source[i++];
    else return {value: value.replace(/\r\n?/g, "\n"), end: i + 1};
  }
  return null;
}

// readArguments splits what follows the literal at the commas that stand in no parentheses,
// brackets or quotes, up to the parenthesis that closes the calculation.
function readArguments(source, start) {
  const args = [];
  let depth = 0;
  let current = "";
  for (let i = start; i < source.length; i++) {
    const skipped = skipEnclosed(source, i);
    if (skipped > i) {
      current += source.slice(i, skipped);
      i = skipped - 1;
      continue;
    }
    const c = source[i];
    if (c === ")" && depth === 0) return finish(args, current);
    if (c === "," && depth === 0) {
      args.push(current.trim());
      current = "";
      continue;
    }
    depth += c === "(" ? 1 : c === ")" ? -1 : 0;
    current += c;
  }
  return null;
}

function finish(args, last) {
  return [...args, last.trim()].slice(1); // before the first comma stands nothing
}

// skipEnclosed returns the end of the field name or text that begins at i, or i.
function skipEnclosed(source, i) {
  const close = {"[": "]", '"': '"', "'": "'"}[source[i]];
  if (!close) return i;
  for (let j = i + 1; j < source.length; j++) {
    if (source[j] !== close) continue;
    if (source[j + 1] !== close) return j + 1;
    j++;
  }
  return i;
}
