package pylog

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode"

	"tabcell/settings/internal/python"
)

// number parses an integer or a float.
func (p *parser) number() (any, error) {
	end := numberLength(p.rest)
	word := p.rest[:end]
	leadingZero := len(word) > 1 && word[0] == '0' && word[1] >= '0' && word[1] <= '9' // invalid in Python
	if n, err := strconv.ParseInt(word, 0, 64); err == nil && !leadingZero {
		p.rest = p.rest[end:]
		return n, nil
	}
	if python.IsFloat(word) {
		f, err := strconv.ParseFloat(strings.ReplaceAll(word, "_", ""), 64)
		if err == nil && strings.ContainsAny(word, ".eE") {
			p.rest = p.rest[end:]
			return f, nil
		}
	}
	return nil, p.fail("%q is not a valid number", word)
}

// numberLength returns the length of the number at the beginning of text. It may be invalid. A sign
// after an exponent's e is part of it.
func numberLength(text string) int {
	end := strings.IndexFunc(text, func(r rune) bool { return r != '.' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		end = len(text)
	}
	if e := strings.IndexAny(text[:end], "eE"); e == end-1 && end+1 < len(text) && !strings.HasPrefix(text, "0x") {
		exponent := len(text[end+1:]) - len(strings.TrimLeft(text[end+1:], "0123456789"))
		if strings.ContainsRune("+-", rune(text[end])) && exponent > 0 {
			end += 1 + exponent
		}
	}
	return end
}

var errArithmetic = errors.New("this cannot be computed")

// calculate applies an operator to two numbers; 'f' is // and 'p' is **. The result is an int64
// where Python's is an int, which must be below 2**53, and a float64 otherwise.
func calculate(op byte, left, right any) (any, error) {
	a, leftInt := left.(int64)
	b, rightInt := right.(int64)
	x, leftOK := toFloat(left)
	y, rightOK := toFloat(right)
	if !leftOK || !rightOK {
		return nil, errArithmetic
	}
	var f float64
	switch op {
	case '+':
		f = x + y
	case '-':
		f = x - y
	case '*':
		f = x * y
	case '/':
		f = x / y
		leftInt = false
	case 'f':
		f = math.Floor(x / y)
	case 'p':
		f = math.Pow(x, y)
		leftInt = leftInt && b >= 0
	}
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return nil, errArithmetic
	case !leftInt || !rightInt:
		return f, nil
	case math.Abs(x) >= 1<<53 || math.Abs(y) >= 1<<53 || math.Abs(f) >= 1<<53:
		return nil, errors.New("the number is too large")
	case op == '+':
		return a + b, nil
	}
	return int64(f), nil
}

func toFloat(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}
