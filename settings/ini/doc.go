// Package ini parses the file format of Python's configparser, so that a file means the same to
// tabcell as to TabPy. Dialect.Parse parses a file; Parser is a koanf parser on top of it.
//
// Vocabulary:
//
//   - section: a line [Name] and the options after it. Names of sections are case-sensitive. The
//     options of the section DEFAULT apply to every section that does not have them.
//   - option: NAME = VALUE or NAME: VALUE, split at the first of the two separators. Names are
//     converted to lower case unless the dialect is case-sensitive.
//   - continuation: a line with deeper indentation than the line of its option. It belongs to the
//     value, after a line feed.
//   - comment: a line whose first visible character is # or ;. A comment cannot follow a value.
//   - interpolation: %(NAME)s in a value is replaced by the option NAME of the section, else of
//     DEFAULT, else by the environment variable NAME in any case. %% is replaced by %.
//
// The reference is the documentation and the behaviour of configparser in CPython 3.13, in strict
// mode.
package ini
