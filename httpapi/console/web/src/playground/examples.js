// Scripts to start from, each with data on which it runs. They stand in examples.json, line by
// line, where a Go test finds them too and runs them in cells.

import list from "./examples.json" with {type: "json"};
import {text} from "../strings.js";

const join = (lines) => lines.join("\n") + "\n";

export const examples = list.map((example) => ({
  ...example,
  script: join(example.script),
  data: join(example.data),
  ...text.examples[example.id],
}));
