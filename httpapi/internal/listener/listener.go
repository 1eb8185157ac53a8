// Package listener provides listeners that check connections before net/http sees them: Framing
// rejects requests whose body length is ambiguous, and TLSOnly rejects clients that do not use TLS.
package listener
