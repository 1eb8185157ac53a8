package pyjson

import (
	"fmt"
	"unicode/utf8"
)

// invalidUTF8 returns the offset of the first byte of text that is not valid UTF-8, or -1.
func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return -1
}

// describeInvalidUTF8 returns Python's description of the invalid bytes at offset at: how many of
// them belong to the broken character, and the reason.
func describeInvalidUTF8(text []byte, at int) string {
	c, rest := text[at], text[at+1:]
	if c < 0xc2 || c > 0xf4 {
		return fmt.Sprintf("byte 0x%02x in position %d: invalid start byte", c, at)
	}
	low, high := byte(0x80), byte(0xbf) // bounds of the second byte
	switch c {
	case 0xe0:
		low = 0xa0
	case 0xed:
		high = 0x9f
	case 0xf0:
		low = 0x90
	case 0xf4:
		high = 0x8f
	}
	length := 2 + b2i(c >= 0xe0) + b2i(c >= 0xf0)
	valid := 1
	for valid < length && valid <= len(rest) && rest[valid-1] >= low && rest[valid-1] <= high {
		low, high = 0x80, 0xbf
		valid++
	}
	reason := "invalid continuation byte"
	if valid > len(rest) {
		reason = "unexpected end of data"
	}
	if valid == 1 {
		return fmt.Sprintf("byte 0x%02x in position %d: %s", c, at, reason)
	}
	return fmt.Sprintf("bytes in position %d-%d: %s", at, at+valid-1, reason)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
