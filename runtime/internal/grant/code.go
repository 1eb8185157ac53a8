package grant

import "fmt"

// Code is the reason why a host function failed. The guest turns it into an exception. The numbers
// are those of assets/guest/bridge.h.
type Code uint8

// The codes.
const (
	Denied      Code = 1  // no grant, or a rule of the grant
	BadHandle   Code = 2  // no such handle
	Invalid     Code = 3  // a pointer, a length or another argument
	Again       Code = 4  // the operation would block
	Timeout     Code = 5  // the time that the script allows is over
	Interrupted Code = 6  // the deadline of the call
	NotFound    Code = 7  // no such file, or no such host
	Resolve     Code = 8  // the resolver failed
	Refused     Code = 9  // the other side refused the connection
	Unreachable Code = 10 // no route to the host
	Reset       Code = 11 // the other side closed the connection
	Pipe        Code = 12 // sending after the end of the connection
	Certificate Code = 13 // the certificate was not accepted
	TLS         Code = 14 // the TLS handshake failed in another way
	Limit       Code = 15 // a limit of the grant, the owner or the server
	NotFolder   Code = 16
	IsFolder    Code = 17
	IO          Code = 18 // reading a file failed
	Proxy       Code = 19 // the proxy of the grant refused the connection
)

// Error is the error of a host function. Its text is for the script.
type Error struct {
	Code Code
	Text string
}

func (e *Error) Error() string { return e.Text }

// Errorf returns an Error with a text.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{code, fmt.Sprintf(format, args...)}
}

// Outcome returns the outcome of a use that ended with the code.
func (c Code) Outcome() Outcome {
	switch c {
	case 0:
		return OutcomeOK
	case Denied:
		return OutcomeDenied
	case Limit:
		return OutcomeLimit
	case Timeout, Interrupted:
		return OutcomeTimeout
	}
	return OutcomeFailed
}
