package console

import (
	"bytes"
	"strings"
	"testing"
)

const formHead = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"m.py\"\r\n\r\n"

func TestFileIn(t *testing.T) {
	for body, want := range map[string]string{
		formHead + "code\r\n--b--\r\n":                                         "code",
		strings.Repeat("--b\r\n\r\nx\r\n", 3) + formHead + "code\r\n--b--\r\n": "code",
	} {
		if got, err := fileIn("multipart/form-data; boundary=b", []byte(body)); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", body, got, err)
		}
	}
	many := strings.Repeat("--b\r\n\r\nx\r\n", maxParts) + formHead + "code\r\n--b--\r\n"
	for _, body := range []string{"", "--b--", many, formHead + "code"} {
		if got, err := fileIn("multipart/form-data; boundary=b", []byte(body)); err == nil {
			t.Errorf("%q: %q", body, got)
		}
	}
	if got, err := fileIn("text/plain", []byte(many)); err != nil || string(got) != many {
		t.Errorf("a body that is no form: %q, %v", got, err)
	}
}

func FuzzFileIn(f *testing.F) {
	f.Add("multipart/form-data; boundary=b", formHead+"code\r\n--b--\r\n")
	f.Add("multipart/form-data", "x")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		if content, err := fileIn(contentType, []byte(body)); err == nil && !bytes.Contains([]byte(body), content) {
			t.Errorf("the file %q is not a part of the body %q", content, body)
		}
	})
}

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{"sales-1.2_x": "sales-1.2_x", "my m\"\r\nX: y": "my_m___X__y", "Größe/..": "Gr__e_.."} {
		if got := fileName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for text, want := range map[string]string{"abc": "abc", "abcd": "abc...", "aéé": "aé...", "éé": "é..."} {
		if got := shorten(text, 3); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
