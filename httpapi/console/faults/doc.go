// Package faults keeps the recent failures of scripts and endpoints for the console. They are in
// memory, and neither their number nor their size depends on the clients.
//
// An entry has no data. The text of an exception, which may contain data, is in it only if the
// configuration permits that.
package faults
