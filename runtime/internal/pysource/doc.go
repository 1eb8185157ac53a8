// Package pysource reads Python without running it: which modules a script imports, and whether
// compiled code has sets among its constants.
package pysource
