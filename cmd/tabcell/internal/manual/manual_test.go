package manual

import (
	"strings"
	"testing"
	"testing/fstest"

	"tabcell/assets"
)

func pages(t *testing.T) []Page {
	t.Helper()
	all, err := Pages(assets.Docs())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPages(t *testing.T) {
	all := pages(t)
	if len(all) < len(order) || all[0].Topic != "install" || all[0].Title != "Install" {
		t.Errorf("got %d pages, the first is %q", len(all), all[0].Title)
	}
	for _, topic := range order {
		if _, ok := Find(all, topic); !ok {
			t.Errorf("order names the topic %s, which has no page", topic)
		}
	}
	for _, p := range all {
		if len(p.Purpose) > 300 {
			t.Errorf("%s: the purpose has %d characters; it should be a sentence", p.Topic, len(p.Purpose))
		}
	}
}

func TestPagesOrder(t *testing.T) {
	page := &fstest.MapFile{Data: []byte("# Title\r\n\r\nThe\r\npurpose.\r\n\r\nMore.\r\n")}
	all, err := Pages(fstest.MapFS{"a.md": page, "operate.md": page, "install.md": page, "b.md": page, "other.txt": page})
	if err != nil {
		t.Fatal(err)
	}
	var topics []string
	for _, p := range all {
		topics = append(topics, p.Topic)
	}
	if got := strings.Join(topics, " "); got != "install operate a b" || all[0].Purpose != "The purpose." {
		t.Errorf("got %s, %q", got, all[0].Purpose)
	}
}

func TestPagesRefusesIncompletePages(t *testing.T) {
	for _, source := range []string{"", "Text.\n", "# Title\n", "# Title\n\n## Section\n\nText.\n"} {
		if _, err := Pages(fstest.MapFS{"a.md": {Data: []byte(source)}}); err == nil {
			t.Errorf("%q: no error", source)
		}
	}
}

func TestFind(t *testing.T) {
	for _, name := range []string{"reload", "Reload", "reload.md"} {
		if p, ok := Find(pages(t), name); !ok || p.Topic != "reload" {
			t.Errorf("%s: got %q, %v", name, p.Topic, ok)
		}
	}
	if _, ok := Find(pages(t), "nosuch"); ok {
		t.Error("nosuch was found")
	}
}

func TestSearch(t *testing.T) {
	all := []Page{{Topic: "a", Title: "First", Source: "# First\n\nA Proxy.\n\n## Second\n\n```\n# proxy\n```\n\nproxy | x\n"}}
	want := []Hit{{"a", "First", 3, "A Proxy."}, {"a", "Second", 8, "# proxy"}, {"a", "Second", 11, "proxy | x"}}
	got := Search(all, "pROXY")
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}
