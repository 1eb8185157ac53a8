package ini

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// show returns the file as text, with one line per section and option and their line numbers.
func show(f *File) string {
	var b strings.Builder
	for _, s := range f.Sections {
		fmt.Fprintf(&b, "[%s] %d\n", s.Name, s.Line)
		for _, o := range s.Options {
			value := fmt.Sprintf("%q", o.Value)
			if o.NoValue {
				value = "none"
			}
			fmt.Fprintf(&b, "%s=%s %d\n", o.Name, value, o.Line)
		}
	}
	return b.String()
}

// The expected results are those of configparser in CPython 3.11 and 3.13.
func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		dialect    Dialect
		text, want string
	}{
		"empty":                           {text: "", want: ""},
		"both separators":                 {text: "[a]\nx=1\ny: 2\nz = 3 : 4", want: "[a] 1\nx=\"1\" 2\ny=\"2\" 3\nz=\"3 : 4\" 4\n"},
		"lower case":                      {text: "[A]\nTabPy_Port = 1", want: "[A] 1\ntabpy_port=\"1\" 2\n"},
		"case-sensitive":                  {dialect: Dialect{CaseSensitive: true}, text: "[A]\nA=1\na=2", want: "[A] 1\nA=\"1\" 2\na=\"2\" 3\n"},
		"comments":                        {text: "# x\n; y\n[a]\nx=1 # no comment\n  ;one", want: "[a] 3\nx=\"1 # no comment\" 4\n"},
		"continuation":                    {text: "[a]\nx=1\n  2\n\n 3\ny=4", want: "[a] 1\nx=\"1\\n2\\n\\n3\" 2\ny=\"4\" 6\n"},
		"comment in a value":              {text: "[a]\nx=1\n # c\n  2", want: "[a] 1\nx=\"1\\n2\" 2\n"},
		"value on the next line":          {text: "[a]\nx =\n  2", want: "[a] 1\nx=\"\\n2\" 2\n"},
		"indented section":                {text: " [a]\n  x=1\n  y=2", want: "[a] 1\nx=\"1\" 2\ny=\"2\" 3\n"},
		"header after an indented option": {text: "[a]\n   x=1\n[b]\n   y=1", want: "[a] 1\nx=\"1\" 2\n[b] 3\ny=\"1\" 4\n"},
		"text after a header":             {text: "[a] b ]c\nx=1", want: "[a] b ] 1\nx=\"1\" 2\n"},
		"ends of lines":                   {text: "[a]\r\nx=1\ry=2\r\n", want: "[a] 1\nx=\"1\" 2\ny=\"2\" 3\n"},
		"byte order mark":                 {text: "\ufeff[a]\nx=1", want: "[a] 1\nx=\"1\" 2\n"},
		"DEFAULT twice":                   {text: "[DEFAULT]\nx=1\n[DEFAULT]\ny=1", want: "[DEFAULT] 1\nx=\"1\" 2\ny=\"1\" 4\n"},
		"option without a value":          {dialect: Dialect{AllowNoValue: true}, text: "[a]\nx\n\ny=", want: "[a] 1\nx=none 2\ny=\"\" 4\n"},
		"Python's white space":            {text: "[a]\nx=\x1c1\x1f", want: "[a] 1\nx=\"1\" 2\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := c.dialect.Parse([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := show(f); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"option first":                {"x=1", `line 1: File contains no section headers before this line: option 'x'`},
		"text first":                  {"x y", "line 1: File contains no section headers before this line"},
		"no separator":                {"[a]\nx", "line 2: neither a [section] nor an option with = or :"},
		"no name":                     {"[a]\n=x", "line 2: an option must have a name before = or :"},
		"section twice":               {"[a]\n[b]\n[a]", "line 3: section 'a' already exists, in line 1"},
		"option twice":                {"[a]\nx=1\nX=2", "line 3: option 'x' in section 'a' already exists, in line 2"},
		"not UTF-8":                   {"[a]\n\xff=1", "line 2: the line is not UTF-8 text"},
		"empty brackets":              {"[a]\n[]", "line 2: neither a [section] nor an option with = or :"},
		"several errors":              {"[a]\nx\ny", "line 2: neither a [section] nor an option with = or :\nline 3: neither a [section] nor an option with = or :"},
		"option twice, section twice": {"[a]\nx=1\n[a]\nx=2", "line 3: section 'a' already exists, in line 1\nline 4: option 'x' in section 'a' already exists, in line 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Dialect{}.Parse([]byte(c.text))
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestErrorLimit(t *testing.T) {
	_, err := Dialect{}.Parse([]byte(strings.Repeat("no configuration\n", 1000)))
	var all Errors
	if !errors.As(err, &all) || len(all) != maxErrors {
		t.Errorf("got %d errors, want %d", len(all), maxErrors)
	}
}

func environment(name string) (string, bool) {
	text, ok := map[string]string{"home": "/home/ada", "rate": "100%", "both": "env"}[name]
	return text, ok
}

func TestInterpolate(t *testing.T) {
	const file = "[DEFAULT]\nbase=/srv\n[a]\nboth=own\nme=%(me)s\nx="
	for name, c := range map[string]struct{ value, want string }{
		"none":            {"plain", "plain"},
		"percent":         {"100%%", "100%"},
		"environment":     {"%(HOME)s/x", "/home/ada/x"},
		"any case":        {"%(hOmE)s", "/home/ada"},
		"own option wins": {"%(both)s", "own"},
		"DEFAULT":         {"%(base)s/%(both)s", "/srv/own"},
		"literal":         {"%(rate)s", "100%"},
		"lone percent":    {"5 % of", `line 6: option x: a % must be followed by % or (NAME)s; write %% for a percent sign`},
		"unclosed":        {"%(HOME", `line 6: option x: a % must be followed by % or (NAME)s; write %% for a percent sign`},
		"other letter":    {"%(HOME)d", `line 6: option x: a % must be followed by % or (NAME)s; write %% for a percent sign`},
		"unknown":         {"%(nope)s", "line 6: option x: %(nope)s is neither an option of [a] nor an environment variable"},
		"itself":          {"%(me)s", "line 6: option x: %(...)s is nested more than 10 levels deep"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Dialect{Lookup: environment}.Parse([]byte(file + c.value))
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.Interpolate(f.Section("a"), f.Section("a").Option("x"))
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Ten levels of ten references each, with and without text at the end, must not take time or memory
// in proportion.
func TestInterpolationLimits(t *testing.T) {
	for leaf, want := range map[string]string{strings.Repeat("x", 1000): "longer than", "": "more than 1000 references"} {
		text := "[a]\no0=" + leaf + "\n"
		for i := 1; i < maxDepth; i++ {
			text += fmt.Sprintf("o%d=%s\n", i, strings.Repeat(fmt.Sprintf("%%(o%d)s", i-1), 10))
		}
		p := Parser{Dialect: Dialect{Interpolated: []string{"a"}}}
		_, err := p.Unmarshal([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("with a leaf of %d bytes, the error is %.200v, want %q", len(leaf), err, want)
		}
	}
}

func TestParser(t *testing.T) {
	p := Parser{Dialect: Dialect{Lookup: environment, Interpolated: []string{"TabPy"}}}
	got, err := p.Unmarshal([]byte("[DEFAULT]\nx=%(HOME)s\n[TabPy]\ny=%(x)s/1\n[log]\nformat=%(message)s"))
	if err != nil {
		t.Fatal(err)
	}
	want := "map[DEFAULT:map[x:%(HOME)s] TabPy:map[x:/home/ada y:/home/ada/1] log:map[format:%(message)s x:%(HOME)s]]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
	if o := p.File.Section("TabPy").Option("y"); o == nil || o.Line != 4 {
		t.Errorf("option y is %+v, want line 4", o)
	}
	if _, err := p.Marshal(got); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Marshal returns %v, want ErrUnsupported", err)
	}
}

func TestParserReportsEveryInvalidReference(t *testing.T) {
	p := Parser{Dialect: Dialect{Interpolated: []string{"a"}}}
	_, err := p.Unmarshal([]byte("[a]\nx=%\ny=1\nz=%(w)s"))
	var all Errors
	if !errors.As(err, &all) || len(all) != 2 || all[0].Line != 2 || all[1].Line != 4 {
		t.Errorf("got %v, want errors in lines 2 and 4", err)
	}
}

// An invalid reference is an error only in an option that is required.
func TestParserIgnoresOptionsThatAreNotRequired(t *testing.T) {
	p := Parser{Dialect: Dialect{Interpolated: []string{"a"}}, Required: func(option string) bool { return option == "y" }}
	got, err := p.Unmarshal([]byte("[a]\nx=100% of %(w)s\ny=1"))
	if want := "map[a:map[x:100% of %(w)s y:1]]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("got %v, %v; want %s", got, err, want)
	}
	if _, err := p.Unmarshal([]byte("[a]\ny=100%")); err == nil {
		t.Error("an invalid reference in a required option is accepted")
	}
}
