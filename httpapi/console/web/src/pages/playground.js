// The playground.

import {text} from "../strings.js";

export const title = text.playground.title;

export function render() {}
