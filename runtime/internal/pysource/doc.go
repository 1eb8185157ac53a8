// Package pysource finds out facts about Python code without running it: whether a script imports
// certain modules, and whether compiled code has sets among its constants.
package pysource
