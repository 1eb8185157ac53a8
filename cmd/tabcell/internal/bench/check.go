package bench

import (
	"encoding/json"
	"fmt"
	"strings"
)

// CheckEqual returns a check that the response is want, apart from white space around it.
func CheckEqual(want string) func([]byte) error {
	return func(response []byte) error {
		if got := strings.TrimSpace(string(response)); got != want {
			return fmt.Errorf("the response is %.100q, not %q", got, want)
		}
		return nil
	}
}

// CheckContains returns a check that the response is JSON that contains part.
func CheckContains(part string) func([]byte) error {
	return func(response []byte) error {
		if !json.Valid(response) || !strings.Contains(string(response), part) {
			return fmt.Errorf("the response %.100q does not contain %q", response, part)
		}
		return nil
	}
}

// decode decodes a response that is an array of n elements.
func decode[T any](response []byte, n int) ([]T, error) {
	var all []T
	if err := json.Unmarshal(response, &all); err != nil {
		return nil, fmt.Errorf("the response %.100q: %w", response, err)
	}
	if len(all) != n {
		return nil, fmt.Errorf("the response has %d rows, not %d", len(all), n)
	}
	return all, nil
}

// checkLength returns a check that the response is n numbers.
func checkLength(n int) func([]byte) error {
	return func(response []byte) error {
		_, err := decode[float64](response, n)
		return err
	}
}

// CheckAddition returns a check that the response has the sums of AdditionBody.
func CheckAddition(n int) func([]byte) error {
	return func(response []byte) error {
		all, err := decode[float64](response, n)
		if err != nil {
			return err
		}
		a, b := Floats(9, n), Floats(10, n)
		for i, sum := range all {
			if sum != a[i]+b[i] {
				return fmt.Errorf("row %d is %v, not %v", i+1, sum, a[i]+b[i])
			}
		}
		return nil
	}
}

// checkUpper returns a check that the response has the strings of words in upper case.
func checkUpper(n int) func([]byte) error {
	return func(response []byte) error {
		all, err := decode[string](response, n)
		if err != nil {
			return err
		}
		for i, w := range words(n) {
			if all[i] != strings.ToUpper(w) {
				return fmt.Errorf("row %d is %q, not %q", i+1, all[i], strings.ToUpper(w))
			}
		}
		return nil
	}
}
