// Package listener provides listeners that check connections before net/http sees them: Framing
// rejects requests whose body length is ambiguous, TLSOnly rejects clients that do not use TLS, and
// Limiter bounds the number of connections.
package listener
