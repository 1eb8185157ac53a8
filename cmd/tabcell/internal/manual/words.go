package manual

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
)

// The escape sequences of a terminal that begin a style. plain is none.
const (
	plain  = ""
	bold   = "\x1b[1m"
	italic = "\x1b[3m"
	code   = "\x1b[36m"
	reset  = "\x1b[0m"
)

// word is a piece of text without a space.
type word struct {
	text    string // with escape sequences
	columns int
}

// columns returns the width of words in one line.
func columns(words []word) int {
	width := max(0, len(words)-1)
	for _, w := range words {
		width += w.columns
	}
	return width
}

// wrap joins words to lines of at most width columns. A longer word has a line of its own.
func wrap(words []word, width int) (lines []string) {
	var line strings.Builder
	used := 0
	for _, w := range words {
		if used > 0 && used+1+w.columns > width {
			lines = append(lines, line.String())
			line.Reset()
			used = 0
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		line.WriteString(w.text)
		used += w.columns
	}
	if used > 0 {
		lines = append(lines, line.String())
	}
	return lines
}

var escapes = regexp.MustCompile("\x1b\\[[0-9]+m")

// visible returns the number of columns of a line, without escape sequences.
func visible(line string) int { return utf8.RuneCountInString(escapes.ReplaceAllString(line, "")) }

// words returns the text of a block.
func (r *renderer) words(block ast.Node, style string) []word {
	s := &speller{r: r}
	s.children(block, style)
	s.end()
	return s.done
}

// styled returns text in a style, if the page has styles.
func (r *renderer) styled(text, style string) string {
	if !r.style.Color || style == plain || text == "" {
		return text
	}
	return style + text + reset
}

// speller collects words. Each word has its own escape sequences, so that none of them spans the
// end of a line.
type speller struct {
	r    *renderer
	done []word
	open word // the word that the next text continues
}

// end ends the open word.
func (s *speller) end() {
	if s.open.columns > 0 {
		s.done = append(s.done, s.open)
	}
	s.open = word{}
}

// add appends text. Spaces end words.
func (s *speller) add(text, style string) {
	for text != "" {
		part, rest := text, ""
		if i := strings.IndexFunc(text, unicode.IsSpace); i >= 0 {
			part, rest = text[:i], strings.TrimLeftFunc(text[i:], unicode.IsSpace)
		}
		s.open.text += s.r.styled(part, style)
		s.open.columns += utf8.RuneCountInString(part)
		if part != text {
			s.end()
		}
		text = rest
	}
}

func (s *speller) children(parent ast.Node, style string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		s.inline(n, style)
	}
}

func (s *speller) inline(n ast.Node, style string) {
	switch n := n.(type) {
	case *ast.Text:
		s.add(string(n.Segment.Value(s.r.source)), style)
		if n.SoftLineBreak() || n.HardLineBreak() {
			s.end()
		}
	case *ast.CodeSpan:
		s.codeSpan(n, style)
	case *ast.Emphasis:
		s.children(n, map[int]string{1: italic, 2: bold}[n.Level])
	case *ast.Link:
		s.children(n, style)
		s.add(target(string(n.Destination)), style)
	case *ast.AutoLink:
		s.add(string(n.URL(s.r.source)), style)
	case *ast.RawHTML: // comments and tags
	default:
		s.children(n, style)
	}
}

// codeSpan adds code, between backquotes where color does not show it.
func (s *speller) codeSpan(n *ast.CodeSpan, style string) {
	if s.r.style.Color && style == plain {
		s.children(n, code)
		return
	}
	s.add("`", style)
	s.children(n, style)
	s.add("`", style)
}

// target returns a link's target as the text that follows the text of the link: the command that
// prints a page, or an address. A section of the same page has none.
func target(destination string) string {
	file, _, _ := strings.Cut(destination, "#")
	topic, isPage := strings.CutSuffix(file, ".md")
	switch {
	case file == "":
		return ""
	case isPage && !strings.Contains(topic, "/"):
		return " (tabcell docs " + topic + ")"
	}
	return " (" + strings.TrimPrefix(file, "../../") + ")"
}
