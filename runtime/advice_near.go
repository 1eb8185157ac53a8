package runtime

import "strings"

// compiledIn lists the modules of the standard library that are part of the interpreter rather
// than of its library.
var compiledIn = strings.Fields("array binascii cmath itertools marshal math pyexpat sys time unicodedata zlib")

// topLevel returns the names of the top-level modules that scripts can import.
func (e *Engine) topLevel() []string { return append(e.library.Modules(""), compiledIn...) }

// nearest returns the name that a misspelt name probably stands for, or "". The first of equally
// near names is returned.
func nearest(name string, names []string) string {
	lower := strings.ToLower(name)
	best, nearest := maxDistance(name)+1, ""
	for _, candidate := range names {
		if strings.HasPrefix(candidate, "_") || candidate == name {
			continue
		}
		if d := distance(lower, strings.ToLower(candidate), best); d < best {
			best, nearest = d, candidate
		}
	}
	return nearest
}

// maxDistance returns the number of edits that a misspelt name may differ by.
func maxDistance(name string) int {
	switch n := len(name); {
	case n < 4:
		return 0 // only upper and lower case
	case n < 7:
		return 1
	}
	return 2
}

// distance returns the number of letters to insert, remove, replace or exchange with the next one,
// or any number of at least limit if it is not less.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, above := []int(nil), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
