package manual

import (
	"strings"
	"testing"
)

func render(t *testing.T, source string, style Style) string {
	t.Helper()
	var b strings.Builder
	if err := Render(&b, Page{Source: source}, style); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRender(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"headings": {
			"# The *first*\n\n## Second\n\n### Third\n",
			"The first\n=========\n\nSecond\n------\n\nThird\n",
		},
		"paragraphs are wrapped": {
			"One two three four five six\nseven `eight nine` ten.\n\nEleven.\n",
			"One two three four five six seven `eight\nnine` ten.\n\nEleven.\n",
		},
		"a long word": {
			"A word: " + strings.Repeat("x", 50) + " end\n",
			"A word:\n" + strings.Repeat("x", 50) + "\nend\n",
		},
		"links": {
			"See [roles](audit.md#roles), [below](#x), [the list](../../httpapi/COMPAT.md),\n<https://example.com>.\n",
			"See roles (tabcell docs audit), below,\nthe list (httpapi/COMPAT.md),\nhttps://example.com.\n",
		},
		"code": {
			"Text:\n\n```console\n$ " + strings.Repeat("long ", 20) + "\n\nout\n```\n",
			"Text:\n\n    $ " + strings.TrimSpace(strings.Repeat("long ", 20)) + "\n\n    out\n",
		},
		"a tight list": {
			"Text:\n- one two three four five six seven eight nine\n- ten\n\n```\nx\n```\n",
			"Text:\n\n- one two three four five six seven\n  eight nine\n- ten\n\n    x\n",
		},
		"a numbered list with blocks": {
			"9. One\n\n   ```\n   x\n   ```\n\n10. Two\n    - a\n",
			"9. One\n\n       x\n\n10. Two\n    - a\n",
		},
		"comments": {
			"<!-- mark -->\n\nText <!-- x -->end.\n",
			"Text end.\n",
		},
		"a table": {
			"| a | bb |\n|---|---|\n| `x` | " + strings.Repeat("word ", 12) + "|\n| y | |\n",
			"a    bb\n---  -----------------------------------\n" +
				"`x`  word word word word word word word\n     word word word word word\ny\n",
		},
		"a table that is too wide": {
			"| setting | default | meaning |\n|---|---|---|\n| `TABCELL_" + strings.Repeat("X", 20) + "` | none | " + strings.Repeat("meaning ", 6) + "|\n| b | | c |\n",
			"`TABCELL_XXXXXXXXXXXXXXXXXXXX`\n    default: none\n    meaning: meaning meaning meaning\n      meaning meaning meaning\n\nb\n    meaning: c\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := render(t, c.source, Style{Width: 40}); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestRenderColor(t *testing.T) {
	got := render(t, "# A b\n\nText `x y`, **z**.\n", Style{Width: 60, Color: true})
	want := bold + "A" + reset + " " + bold + "b" + reset + "\n\nText " + code + "x" + reset + " " + code + "y" + reset + ", " + bold + "z" + reset + ".\n"
	if got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// Escape sequences must not change the layout.
func TestColorsDoNotChangeTheLayout(t *testing.T) {
	source := "| a | b |\n|---|---|\n| *x y* | **" + strings.Repeat("word ", 20) + "end** |\n"
	plain, colored := render(t, source, Style{Width: 40}), render(t, source, Style{Width: 40, Color: true})
	if escapes.ReplaceAllString(colored, "") != plain || colored == plain {
		t.Errorf("got:\n%s\nwant:\n%s", colored, plain)
	}
}

// Every page fits into its width, except for code and addresses, and loses no word.
func TestRenderPages(t *testing.T) {
	for _, p := range pages(t) {
		for _, width := range []int{40, 80, 100} {
			for _, line := range strings.Split(render(t, p.Source, Style{Width: width}), "\n") {
				isCode := strings.HasPrefix(line, "    ")
				if n := visible(line); n > width && !isCode && strings.Contains(strings.TrimSpace(line), " ") {
					t.Errorf("%s: a line of %d columns at width %d: %s", p.Topic, n, width, line)
				}
			}
		}
	}
}

func FuzzRender(f *testing.F) {
	f.Add("# A\n\n| a | b |\n|---|---|\n| `x` | y |\n\n- 1\n  1. 2\n\n> q\n", 40)
	f.Add("[a](b.md) <b> ![c](d)\n\n    code\n***\n", 1)
	f.Fuzz(func(t *testing.T, source string, width int) {
		render(t, source, Style{Width: min(width, 200), Color: width%2 == 0})
	})
}
