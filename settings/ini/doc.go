// Package ini reads the dialect of Python's configparser, so that a file which TabPy accepts means the same here. It is a
// koanf parser (Parser), and usable by itself (Dialect.Parse).
//
// Vocabulary:
//
//   - section: a line [Name]; names keep their case. Options of the section DEFAULT stand in for those that another section lacks.
//   - option: NAME = VALUE or NAME: VALUE, split at the first of the two signs; names are in lower case unless the dialect
//     says otherwise.
//   - continuation: a line indented deeper than its option's line belongs to the value, joined by a line feed.
//   - comment: a line whose first visible character is # or ; there are no comments behind a value.
//   - interpolation: %(NAME)s in a value stands for the option NAME of the section, of DEFAULT, or the environment variable
//     NAME in any case; %% stands for one %.
//
// Source: the documentation and the behaviour of CPython 3.13's configparser, strict mode.
package ini
