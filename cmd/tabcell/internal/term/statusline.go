package term

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// StatusLine is a writer to a terminal that keeps a line below everything that is written. The line
// is rewritten in place. It uses no escape sequences, so that it works on any terminal.
type StatusLine struct {
	mu      sync.Mutex
	out     io.Writer
	text    string // shown below the output; "" for none
	partial bool   // the output does not end with a line feed, so that nothing is shown below it
}

// NewStatusLine returns a StatusLine without a text that writes to out.
func NewStatusLine(out io.Writer) *StatusLine { return &StatusLine{out: out} }

// Write writes p above the line.
func (l *StatusLine) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.erase()
	n, err := l.out.Write(p)
	if n > 0 {
		l.partial = !bytes.HasSuffix(p[:n], []byte("\n"))
	}
	l.draw()
	return n, err
}

// Set changes the text of the line. With "", the line disappears.
func (l *StatusLine) Set(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text == l.text {
		return
	}
	l.erase()
	l.text = text
	l.draw()
}

// erase overwrites the line with spaces. Errors of the terminal are those of the next Write.
func (l *StatusLine) erase() {
	if l.text != "" && !l.partial {
		_, _ = io.WriteString(l.out, "\r"+strings.Repeat(" ", utf8.RuneCountInString(l.text))+"\r")
	}
}

func (l *StatusLine) draw() {
	if l.text != "" && !l.partial {
		_, _ = io.WriteString(l.out, l.text)
	}
}
