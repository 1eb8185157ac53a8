package pysource

import (
	"bytes"
	"slices"
)

var importWords = [][]byte{[]byte("import"), []byte("from")}

// ImportsAny tells whether JSON text holds an import statement, or the beginning of a line that could be one, with any of the modules: top-level
// names, as words behind import or from. A line of the script ends in \n spelled out. Requests are megabytes of data with a short script
// somewhere, so whatever is not behind one of the two words is passed over as fast as the machine can: a regular expression for the same took as
// long as running the script.
func ImportsAny(text []byte, modules []string) bool {
	for _, part := range scriptParts(text) {
		if wordsBehindImports(part, modules) {
			return true
		}
	}
	return false
}

const (
	shortRequest = 256 << 10 // bytes
	scriptRoom   = 64 << 10
)

var scriptKeyword = []byte(`"script"`)

// scriptParts is where a long request's script may be: it begins near one of the ends, with the data behind or before it. All of the request when
// neither end tells. A script that is missed costs a second run (Router).
func scriptParts(text []byte) (parts [][]byte) {
	if len(text) <= shortRequest {
		return [][]byte{text}
	}
	for _, from := range []int{0, len(text) - scriptRoom} {
		if i := bytes.Index(text[from:from+scriptRoom], scriptKeyword); i >= 0 {
			if script := literal(text[from+i+len(scriptKeyword):]); script != nil {
				parts = append(parts, script)
			}
		}
	}
	if parts == nil {
		return [][]byte{text}
	}
	return parts
}

// literal is the JSON string behind a key, as it is written; nil when there is none.
func literal(text []byte) []byte {
	text = bytes.TrimLeft(text, " \t\r\n:")
	if len(text) == 0 || text[0] != '"' {
		return nil
	}
	for end := 1; ; end++ {
		i := bytes.IndexAny(text[end:], `"\`)
		if i < 0 {
			return nil
		}
		if end += i; text[end] == '"' {
			return text[1:end]
		}
		end++ // what is escaped
		if end >= len(text) {
			return nil
		}
	}
}

func wordsBehindImports(text []byte, modules []string) bool {
	for _, word := range importWords {
		for rest := text; ; {
			i := bytes.Index(rest, word)
			if i < 0 {
				break
			}
			rest = rest[i+len(word):]
			n := importedNames(rest)
			if namesAny(rest[:n], modules) {
				return true
			}
			rest = rest[n:]
		}
	}
	return false
}

// importedNames is the length of what may be names and separators behind an import word; 0 without white space first.
func importedNames(rest []byte) int {
	n := 0
	for n < len(rest) && (isBlank(rest[n]) || n > 0 && (isWord(rest[n]) || rest[n] == '.' || rest[n] == ',')) {
		n++
	}
	return n
}

// namesAny tells whether one of the words is one of the modules.
func namesAny(names []byte, modules []string) bool {
	for len(names) > 0 {
		end := 0
		for end < len(names) && isWord(names[end]) {
			end++
		}
		if end > 0 && slices.Contains(modules, string(names[:end])) {
			return true
		}
		names = names[max(end, 1):]
	}
	return false
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
