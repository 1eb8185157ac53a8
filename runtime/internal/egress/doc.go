// Package egress makes the connections of scripts, within their grants.
//
// A [Network] has the limits that all calls share. Each call has a [Session], which closes all of
// its connections when the call ends. The rules are these:
//
//   - A name is checked against the grants before it is resolved, and the addresses that it then has
//     are pinned: the call never resolves it again, and connects to these addresses only as that
//     name. So the target of a connection is known, however the script came by the address.
//   - A name does not reach loopback, link-local and metadata addresses, or the ports of this
//     server. They have to be granted as addresses (address.go).
//   - TLS is made by the host, with verification of the name that was granted (tls.go). A connection
//     for tls:// and https:// cannot do without it.
//   - The bytes of a connection for http:// and https:// are HTTP requests for the granted host
//     (guard.go, head.go).
//
// The guest is a single thread, so that a Session serves one operation at a time. Dialing, the TLS
// handshake, reading and writing run on goroutines of their own, at most one read and one write for
// each connection: an operation that has to wait can end early, and poll can wait for many.
package egress
