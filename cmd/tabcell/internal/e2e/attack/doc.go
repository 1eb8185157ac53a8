// Package attack runs attacks on the availability of a server and prints a table of what they cost
// the other clients: the share of their scripts that got a response, the 99th percentile of the
// latency of /info, and the memory of the server before, during and after the attack.
//
// Each attack has a server of its own, in a separate process. The attacker and the other clients
// have different addresses on the loopback network and, if the attack asks for accounts, different
// accounts.
//
// To add an attack, add a line to the list in a file cases_NAME_test.go, and the list to
// allAttacks.
package attack
