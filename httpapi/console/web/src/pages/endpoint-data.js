// Makes the arguments of a query of the text that was typed.

import {text} from "../strings.js";

const words = text.tryIt;

// argumentsOf returns a promise of {args} or {problem}. names are those of the parameters. JSON is
// passed on as it is.
export async function argumentsOf(source) {
  try {
    return {args: JSON.parse(source)};
  } catch (error) {
    return {problem: words.badJSON(error.message)};
  }
}
