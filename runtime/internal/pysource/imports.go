package pysource

import (
	"bytes"
	"slices"
)

var importWords = [][]byte{[]byte("import"), []byte("from")}

// ImportsAny reports whether the script in a JSON request imports one of the modules, which are
// top-level names. It searches for an import statement, or for the beginning of a line that could
// be one; lines end with an escaped \n.
//
// A request has megabytes of data and a short script somewhere. ImportsAny therefore skips
// everything that does not follow the words import and from as fast as possible. A regular
// expression took as long as running the script.
//
// The result can be wrong in both directions: an import can be hidden, and data can look like one.
func ImportsAny(request []byte, modules []string) bool {
	for _, part := range scriptParts(request) {
		if hasImport(part, modules) {
			return true
		}
	}
	return false
}

const (
	shortRequest = 256 << 10 // bytes; a request that is searched as a whole
	searchedEnd  = 64 << 10  // bytes at each end of a longer request where its script may begin
)

var scriptKeyword = []byte(`"script"`)

// scriptParts returns the parts of a request that may be its script. The script of a long request
// begins near one of its ends, before or after the data. If it is at neither end, the whole request
// is returned. A missed script costs the router a second run.
func scriptParts(request []byte) (parts [][]byte) {
	if len(request) <= shortRequest {
		return [][]byte{request}
	}
	for _, from := range []int{0, len(request) - searchedEnd} {
		if script := scriptIn(request, from, from+searchedEnd); script != nil {
			parts = append(parts, script)
		}
	}
	if parts == nil {
		return [][]byte{request}
	}
	return parts
}

// Script returns the script of a request without unescaping it. It returns nil if a long request
// has none near either end.
func Script(request []byte) []byte {
	if len(request) <= shortRequest {
		return scriptIn(request, 0, len(request))
	}
	if script := scriptIn(request, 0, searchedEnd); script != nil {
		return script
	}
	return scriptIn(request, len(request)-searchedEnd, len(request))
}

// scriptIn returns the first script whose key begins in request[from:to], or nil.
func scriptIn(request []byte, from, to int) []byte {
	for {
		i := bytes.Index(request[from:to], scriptKeyword)
		if i < 0 {
			return nil
		}
		from += i + len(scriptKeyword)
		if script := stringValue(request[from:]); script != nil {
			return script
		}
	}
}

// stringValue returns the JSON string that follows a key, without unescaping it. It returns nil if
// there is none.
func stringValue(text []byte) []byte {
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
		end++ // the escaped character
		if end >= len(text) {
			return nil
		}
	}
}

// hasImport reports whether one of the modules follows an import word.
func hasImport(text []byte, modules []string) bool {
	for _, word := range importWords {
		for rest := text; ; {
			i := bytes.Index(rest, word)
			if i < 0 {
				break
			}
			rest = rest[i+len(word):]
			n := importedNames(rest)
			if containsName(rest[:n], modules) {
				return true
			}
			rest = rest[n:]
		}
	}
	return false
}

// importedNames returns the length of the names and separators that follow an import word. It
// returns 0 if the first character is not a blank.
func importedNames(rest []byte) int {
	n := 0
	for n < len(rest) && (isBlank(rest[n]) || n > 0 && (isWord(rest[n]) || rest[n] == '.' || rest[n] == ',')) {
		n++
	}
	return n
}

// containsName reports whether one of the words in text is one of the modules.
func containsName(text []byte, modules []string) bool {
	for len(text) > 0 {
		end := 0
		for end < len(text) && isWord(text[end]) {
			end++
		}
		if end > 0 && slices.Contains(modules, string(text[:end])) {
			return true
		}
		text = text[max(end, 1):]
	}
	return false
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
