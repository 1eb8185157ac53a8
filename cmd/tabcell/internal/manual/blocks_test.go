package manual

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// blocksOf returns the JSON of the blocks after the title and the purpose.
func blocksOf(t *testing.T, source string) string {
	t.Helper()
	page, err := newPage("x", "# Title\n\nPurpose.\n\n"+source)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(page.Blocks()[2:])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestBlocks(t *testing.T) {
	for source, want := range map[string]string{
		"## The `unit`, again\n":            `[{"kind":"heading","level":2,"id":"the-unit-again","text":[{"text":"The "},{"text":"unit","code":true},{"text":", again"}]}]`,
		"One\ntwo  \nthree\n":               `[{"kind":"paragraph","text":[{"text":"One two"},{"text":"","break":true},{"text":"three"}]}]`,
		"*a* **b *c***\n":                   `[{"kind":"paragraph","text":[{"text":"a","emphasis":true},{"text":" "},{"text":"b ","strong":true},{"text":"c","strong":true,"emphasis":true}]}]`,
		"```python\nx = 1\n<b>\n```\n":      `[{"kind":"code","language":"python","code":"x = 1\n\u003cb\u003e\n"}]`,
		"    indented\n":                    `[{"kind":"code","code":"indented\n"}]`,
		"- a\n- b\n  - c\n":                 `[{"kind":"list","items":[[{"kind":"paragraph","text":[{"text":"a"}]}],[{"kind":"paragraph","text":[{"text":"b"}]},{"kind":"list","items":[[{"kind":"paragraph","text":[{"text":"c"}]}]]}]]}]`,
		"3. a\n":                            `[{"kind":"list","ordered":true,"start":3,"items":[[{"kind":"paragraph","text":[{"text":"a"}]}]]}]`,
		"> q\n":                             `[{"kind":"quote","blocks":[{"kind":"paragraph","text":[{"text":"q"}]}]}]`,
		"---\n":                             `[{"kind":"rule"}]`,
		"| a | `b` |\n|---|---|\n| 1 | |\n": `[{"kind":"table","header":[[{"text":"a"}],[{"text":"b","code":true}]],"rows":[[[{"text":"1"}],[]]]}]`,
		"[t](models.md#by-http) [s](#x)\n":  `[{"kind":"paragraph","text":[{"text":"t","link":{"topic":"models","section":"by-http"}},{"text":" "},{"text":"s","link":{"section":"x"}}]}]`,
		"<https://example.com/a>\n":         `[{"kind":"paragraph","text":[{"text":"https://example.com/a","link":{"url":"https://example.com/a"}}]}]`,
		"![The page](images/a.png)\n":       `[{"kind":"paragraph","text":[{"text":"The page","image":"a.png"}]}]`,
		"![far](https://x/a.png)![up](images/../a.png)\n": `[{"kind":"paragraph","text":[{"text":"farup"}]}]`,
		"<!-- comment -->\n\n<script>x</script>\n":        `[]`,
		"a <b>c</b>\n": `[{"kind":"paragraph","text":[{"text":"a c"}]}]`,
	} {
		if got := blocksOf(t, source); got != want {
			t.Errorf("%q\n got %s\nwant %s", source, got, want)
		}
	}
}

// Links that a browser would run or that lead into the source have no target.
func TestBlocksLinkTargets(t *testing.T) {
	for _, destination := range []string{"javascript:alert(1)", "data:text/html,x", "../../SECURITY.md", "/etc/passwd", "JaVaScRiPt:x", "file:///x", "x:y.md", "//host/x"} {
		if link := linkTo(destination); link != nil {
			t.Errorf("%s: %+v", destination, *link)
		}
	}
}

// Each link of the manual to one of its own pages leads to a heading that exists.
func TestBlocksOfTheManual(t *testing.T) {
	sections, links := map[string]bool{}, map[string]string{}
	for _, p := range pages(t) {
		blocks := p.Blocks()
		if len(blocks) < 3 || blocks[0].Kind != Heading || plainText(blocks[0].Text) != p.Title {
			t.Errorf("%s: the first block is %+v", p.Topic, blocks[0])
		}
		walk(reflect.ValueOf(blocks), func(v any) {
			switch v := v.(type) {
			case Block:
				if v.Kind == Heading {
					sections[p.Topic+"#"+v.ID] = true
				}
			case Link:
				topic := v.Topic
				if topic == "" {
					topic = p.Topic
				}
				if v.Section != "" {
					links[topic+"#"+v.Section] = p.Topic
				}
			}
		})
	}
	if len(links) < 10 {
		t.Errorf("only %d links to sections", len(links))
	}
	for link, page := range links {
		if !sections[link] {
			t.Errorf("the page %s has a link to %s, which does not exist", page, link)
		}
	}
}

// walk calls f for each Block and Link.
func walk(v reflect.Value, f func(any)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), f)
		}
	case reflect.Struct:
		f(v.Interface())
		for i := range v.NumField() {
			walk(v.Field(i), f)
		}
	}
}

func TestSectionsAreUnique(t *testing.T) {
	page, _ := newPage("x", "# A\n\nPurpose.\n\n## A\n\n## A\n")
	var ids []string
	for _, b := range page.Blocks() {
		ids = append(ids, b.ID)
	}
	if got := fmt.Sprint(ids); got != "[a  a-1 a-2]" {
		t.Errorf("got %s", got)
	}
}

// FuzzBlocks checks that any text becomes blocks with targets that a page may have.
func FuzzBlocks(f *testing.F) {
	f.Add("# T\n\nP\n\n| a |\n|---|\n| [x](javascript:y) |\n")
	f.Add("# T\n\nP\n\n- > - 1. ![a](images/b)\n")
	f.Fuzz(func(t *testing.T, source string) {
		walk(reflect.ValueOf(Page{Source: source}.Blocks()), func(v any) {
			link, ok := v.(Link)
			scheme, _, _ := strings.Cut(link.URL, ":")
			if ok && link.URL != "" && !strings.Contains(" https http mailto ", " "+strings.ToLower(scheme)+" ") {
				t.Errorf("link to %s", link.URL)
			}
		})
	})
}
