package httpapi

import (
	"bytes"
	"strconv"
)

// maxTicket is the largest ticket in bytes.
const maxTicket = 64 << 10

// parseTicket returns the key that a ticket means: Python's text of a tuple (type, command or None,
// parts of the path). Clients make up tickets too, so that spaces and quotes may differ from those
// of FlightDescriptor.key.
//
// GAP: TabPy evaluates a ticket as any Python literal.
func parseTicket(ticket []byte) (key string, ok bool) {
	if len(ticket) > maxTicket {
		return "", false
	}
	p := &ticketParser{text: ticket, ok: true}
	var d FlightDescriptor
	p.expect('(')
	d.Type = p.number()
	p.expect(',')
	if !p.accept("None") {
		d.Command = p.bytes()
	}
	p.expect(',')
	p.expect('(')
	for !p.accept(")") && p.ok {
		d.Path = append(d.Path, p.bytes())
		if !p.accept(",") {
			p.expect(')')
			p.ok = p.ok && len(d.Path) != 1 // Python's (b'x') is not a tuple
			break
		}
	}
	p.accept(",")
	p.expect(')')
	p.skipSpace()
	return d.key(), p.ok && len(p.text) == 0 && (d.Type == flightCommand) == (d.Command != nil)
}

// ticketParser reads a ticket from the front. After an error, ok is false.
type ticketParser struct {
	text []byte
	ok   bool
}

func (p *ticketParser) skipSpace() { p.text = bytes.TrimLeft(p.text, " \t\r\n") }

// accept skips a word, if it is next.
func (p *ticketParser) accept(word string) bool {
	p.skipSpace()
	rest, found := bytes.CutPrefix(p.text, []byte(word))
	p.text = rest
	return found
}

func (p *ticketParser) expect(c byte) { p.ok = p.accept(string(c)) && p.ok }

// number reads a number of one digit.
func (p *ticketParser) number() int {
	p.skipSpace()
	if len(p.text) == 0 || p.text[0] < '0' || p.text[0] > '9' {
		p.ok = false
		return 0
	}
	c := p.text[0]
	p.text = p.text[1:]
	return int(c - '0')
}

// bytes reads a bytes literal. It never returns nil.
func (p *ticketParser) bytes() []byte {
	out := []byte{}
	if !p.accept("b") || len(p.text) == 0 || p.text[0] != '\'' && p.text[0] != '"' {
		p.ok = false
		return out
	}
	quote := p.text[0]
	for p.text = p.text[1:]; len(p.text) > 0; {
		c := p.text[0]
		p.text = p.text[1:]
		if c == quote {
			return out
		}
		if c == '\\' {
			c = p.escape()
		}
		out = append(out, c)
	}
	p.ok = false
	return out
}

var ticketEscapes = map[byte]byte{'\\': '\\', '\'': '\'', '"': '"', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads the rest of an escape sequence.
func (p *ticketParser) escape() byte {
	if len(p.text) >= 3 && p.text[0] == 'x' {
		n, err := strconv.ParseUint(string(p.text[1:3]), 16, 8)
		p.ok = p.ok && err == nil
		p.text = p.text[3:]
		return byte(n)
	}
	if len(p.text) == 0 {
		p.ok = false
		return 0
	}
	c, ok := ticketEscapes[p.text[0]]
	p.ok, p.text = p.ok && ok, p.text[1:]
	return c
}
