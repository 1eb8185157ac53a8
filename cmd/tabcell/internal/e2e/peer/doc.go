// Package peer compares the program with TabPy 2.16: it runs TabPy's own tests and client against
// tabcell, and measures both servers side by side. Its tests have the build tag peer.
package peer
