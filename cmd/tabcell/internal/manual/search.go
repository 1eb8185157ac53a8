package manual

import "strings"

// Hit is a line of the manual that contains the text of a search.
type Hit struct {
	Topic   string
	Heading string // nearest heading above the line
	Line    int    // of the page's source, from 1
	Text    string
}

// Search returns the lines of all pages that contain text, in upper or lower case.
func Search(all []Page, text string) []Hit {
	var hits []Hit
	for _, page := range all {
		hits = append(hits, page.search(strings.ToLower(text))...)
	}
	return hits
}

func (p Page) search(text string) (hits []Hit) {
	heading, fenced := p.Title, false
	for i, line := range strings.Split(p.Source, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		if name, level := headingOf(line); level > 0 && !fenced {
			heading = name
		}
		if strings.Contains(strings.ToLower(line), text) {
			hits = append(hits, Hit{Topic: p.Topic, Heading: heading, Line: i + 1, Text: strings.TrimSpace(line)})
		}
	}
	return hits
}

// headingOf returns the text and the level of a heading, or the level 0 for another line.
func headingOf(line string) (text string, level int) {
	text = strings.TrimLeft(line, "#")
	level = len(line) - len(text)
	if !strings.HasPrefix(text, " ") {
		return "", 0
	}
	return strings.TrimSpace(text), level
}
