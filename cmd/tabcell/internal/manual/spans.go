package manual

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// Span is a piece of text in one style.
type Span struct {
	Text     string `json:"text"`
	Code     bool   `json:"code,omitempty"`
	Strong   bool   `json:"strong,omitempty"`
	Emphasis bool   `json:"emphasis,omitempty"`
	Break    bool   `json:"break,omitempty"` // a line ends after the text
	Link     *Link  `json:"link,omitempty"`
	Image    string `json:"image,omitempty"` // name of a file with a picture; then Text describes it
}

// Link is the target of a link: a page or a section of the manual, or an address.
type Link struct {
	Topic   string `json:"topic,omitempty"`   // a page; "" for the page that has the link
	Section string `json:"section,omitempty"` // the ID of a heading
	URL     string `json:"url,omitempty"`     // an address with https, http or mailto
}

// spans returns the text of a block. Neighbours of the same style are one span. An empty block has an
// empty list, and not nil, which would be null in JSON.
func (b *blockBuilder) spans(block ast.Node) []Span {
	s := &spanBuilder{source: b.source, all: []Span{}}
	s.children(block, Span{})
	return s.all
}

// spanBuilder collects spans.
type spanBuilder struct {
	source []byte
	all    []Span
}

// add appends text in a style.
func (s *spanBuilder) add(text string, style Span) {
	if n := len(s.all); n > 0 {
		last := s.all[n-1]
		last.Text = ""
		if last == style && !style.Break && style.Image == "" {
			s.all[n-1].Text += text
			return
		}
	}
	if text != "" || style.Break || style.Image != "" {
		style.Text = text
		s.all = append(s.all, style)
	}
}

func (s *spanBuilder) children(parent ast.Node, style Span) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		s.inline(n, style)
	}
}

func (s *spanBuilder) inline(n ast.Node, style Span) {
	switch n := n.(type) {
	case *ast.Text:
		s.text(n, style)
	case *ast.String:
		s.add(string(n.Value), style)
	case *ast.CodeSpan:
		style.Code = true
		s.children(n, style)
	case *ast.Emphasis:
		style.Emphasis, style.Strong = style.Emphasis || n.Level == 1, style.Strong || n.Level == 2
		s.children(n, style)
	case *ast.Link:
		style.Link = linkTo(string(n.Destination))
		s.children(n, style)
	case *ast.AutoLink:
		style.Link = linkTo(string(n.URL(s.source)))
		s.add(string(n.Label(s.source)), style)
	case *ast.Image:
		s.image(n, style)
	case *ast.RawHTML: // comments and tags
	default:
		s.children(n, style)
	}
}

func (s *spanBuilder) text(n *ast.Text, style Span) {
	s.add(string(n.Segment.Value(s.source)), style)
	switch {
	case n.HardLineBreak():
		style.Break = true
		s.add("", style)
	case n.SoftLineBreak():
		s.add(" ", style)
	}
}

// image adds a picture of the manual. The description stands for any other picture.
func (s *spanBuilder) image(n *ast.Image, style Span) {
	inner := &spanBuilder{source: s.source}
	inner.children(n, Span{})
	if name, ok := strings.CutPrefix(string(n.Destination), "images/"); ok && !strings.Contains(name, "/") {
		style.Image = name
	}
	s.add(plainText(inner.all), style)
}

// linkTo returns the target of a link, or nil if a page in the console cannot have it, such as a
// file of the source.
func linkTo(destination string) *Link {
	file, section, _ := strings.Cut(destination, "#")
	if topic, isPage := strings.CutSuffix(file, ".md"); isPage && !strings.ContainsAny(topic, "/:") {
		return &Link{Topic: topic, Section: section}
	}
	if file == "" && section != "" {
		return &Link{Section: section}
	}
	address, err := url.Parse(destination)
	if err != nil || address.Scheme != "https" && address.Scheme != "http" && address.Scheme != "mailto" {
		return nil
	}
	return &Link{URL: destination}
}

// plainText returns the text of spans without their styles.
func plainText(spans []Span) string {
	var text strings.Builder
	for _, s := range spans {
		text.WriteString(s.Text)
		if s.Break {
			text.WriteByte(' ')
		}
	}
	return text.String()
}

// section returns the ID of a heading. The second of two equal headings gets a number, as on GitHub.
func (b *blockBuilder) section(heading string) string {
	id := SectionID(heading)
	count := b.sections[id]
	b.sections[id]++
	if count > 0 {
		return fmt.Sprintf("%s-%d", id, count)
	}
	return id
}

// SectionID returns the ID of the first heading with that text in a page, as GitHub makes it.
func SectionID(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, heading)
}
