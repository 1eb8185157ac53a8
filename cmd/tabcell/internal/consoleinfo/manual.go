package consoleinfo

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"tabcell/cmd/tabcell/internal/manual"
	"tabcell/httpapi/console"
)

// Manual implements console.Manual with the pages of the program.
type Manual struct {
	pages  []manual.Page
	blocks map[string]func() json.RawMessage // by topic; made at the first call
	images fs.FS
}

// NewManual returns the manual in a folder, which has its pictures in the folder images.
func NewManual(folder fs.FS) (*Manual, error) {
	pages, err := manual.Pages(folder)
	if err != nil {
		return nil, err
	}
	m := &Manual{pages: pages, blocks: map[string]func() json.RawMessage{}}
	for _, p := range pages {
		m.blocks[p.Topic] = sync.OnceValue(func() json.RawMessage {
			text, _ := json.Marshal(p.Blocks()) // blocks of texts always marshal
			return text
		})
	}
	m.images, err = fs.Sub(folder, "images")
	return m, err
}

// Pages implements console.Manual.
func (m *Manual) Pages() []console.ManualPage {
	all := make([]console.ManualPage, len(m.pages))
	for i, p := range m.pages {
		all[i] = console.ManualPage{Topic: p.Topic, Title: p.Title, Purpose: p.Purpose}
	}
	return all
}

// Page implements console.Manual.
func (m *Manual) Page(topic string) (console.ManualPage, json.RawMessage, bool) {
	p, ok := manual.Find(m.pages, topic)
	if !ok {
		return console.ManualPage{}, nil, false
	}
	return console.ManualPage{Topic: p.Topic, Title: p.Title, Purpose: p.Purpose}, m.blocks[p.Topic](), true
}

// Search implements console.Manual. The places with the most words of the search in one line come
// first, and pages whose title has them before all.
func (m *Manual) Search(text string) []console.ManualHit {
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 {
		return nil
	}
	var titles, lines []console.ManualHit
	for _, p := range m.pages {
		if containsAll(p.Title+" "+p.Topic, words) {
			titles = append(titles, console.ManualHit{Topic: p.Topic, Title: p.Title, Heading: p.Title, Excerpt: p.Purpose})
		}
		lines = append(lines, searchPage(p, words)...)
	}
	return append(titles, lines...)
}

// searchPage returns the lines of a page that have all of the words.
func searchPage(p manual.Page, words []string) (hits []console.ManualHit) {
	for _, h := range manual.Search([]manual.Page{p}, longest(words)) {
		if !containsAll(h.Text, words) {
			continue
		}
		anchor := manual.SectionID(h.Heading)
		if h.Heading == p.Title {
			anchor = "" // the page itself
		}
		hits = append(hits, console.ManualHit{Topic: p.Topic, Title: p.Title, Heading: plainHeading(h.Heading), Anchor: anchor, Excerpt: h.Text})
	}
	return hits
}

// longest returns the longest word, which the fewest lines have.
func longest(words []string) string {
	return slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
}

func containsAll(text string, words []string) bool {
	text = strings.ToLower(text)
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}

func plainHeading(heading string) string { return strings.ReplaceAll(heading, "`", "") }

// Images implements console.Manual.
func (m *Manual) Images() fs.FS { return m.images }
