// Package manual reads the pages of the manual, prints them as text, and searches them.
//
// A page is a Markdown file that is named after its topic. It begins with a heading of the first
// level, its title, and a paragraph that states its purpose.
package manual

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// order lists the topics in the order in which a new administrator reads them. Pages that are not
// listed follow in alphabetical order.
var order = []string{
	"install", "connect", "migrate", "settings", "scripts", "flight", "models", "packages", "console", "operate", "cluster", "reload",
	"security", "authentication", "audit", "grants", "confinement", "performance", "troubleshooting", "compatibility",
}

// Page is one page of the manual.
type Page struct {
	Topic   string // name of its file without .md
	Title   string
	Purpose string // the first paragraph, in one line
	Source  string // Markdown
}

// Pages returns the pages in a folder, in the order in which they are meant to be read.
func Pages(folder fs.FS) ([]Page, error) {
	files, err := fs.Glob(folder, "*.md")
	if err != nil {
		return nil, err
	}
	var all []Page
	for _, file := range files {
		source, err := fs.ReadFile(folder, file)
		if err != nil {
			return nil, err
		}
		page, err := newPage(strings.TrimSuffix(path.Base(file), ".md"), string(source))
		if err != nil {
			return nil, err
		}
		all = append(all, page)
	}
	slices.SortStableFunc(all, func(a, b Page) int { return position(a.Topic) - position(b.Topic) })
	return all, nil
}

// position returns the place of a topic in order.
func position(topic string) int {
	if i := slices.Index(order, topic); i >= 0 {
		return i
	}
	return len(order)
}

// newPage returns the page of a topic. It returns an error if the title or the purpose is missing.
func newPage(topic, source string) (Page, error) {
	source = strings.ReplaceAll(source, "\r\n", "\n")
	title, rest, _ := strings.Cut(source, "\n")
	title, isTitle := strings.CutPrefix(title, "# ")
	purpose, _, _ := strings.Cut(strings.TrimLeft(rest, "\n"), "\n\n")
	purpose = strings.Join(strings.Fields(purpose), " ")
	if !isTitle || purpose == "" || strings.HasPrefix(purpose, "#") {
		return Page{}, fmt.Errorf("the page %s does not begin with a title and its purpose", topic)
	}
	return Page{Topic: topic, Title: title, Purpose: purpose, Source: source}, nil
}

// Find returns the page of a topic. The name of its file is accepted, too.
func Find(all []Page, topic string) (Page, bool) {
	topic = strings.TrimSuffix(strings.ToLower(topic), ".md")
	i := slices.IndexFunc(all, func(p Page) bool { return p.Topic == topic })
	if i < 0 {
		return Page{}, false
	}
	return all[i], true
}
