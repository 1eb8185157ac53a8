// Package osfile replaces files atomically, locks them, checks who may change them, and computes
// their digests.
//
// A program that stores something uses [Writer], so that a crash leaves the old file or the new
// one, never a part of one. A program that trusts what is in a folder first checks the folder with
// [Policy], so that no other user of the machine can put a file there.
package osfile
