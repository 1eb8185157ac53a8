// Package load keeps figures about the load of the server for the console: the state now, one hour
// of history, and the scripts and accounts that took the most time in that hour. All of it is in
// memory, and its size does not depend on the number of calls, scripts or accounts.
//
// Vocabulary:
//
//   - gauges: the state of the server at one time; see Gauges.
//   - step: the time that one value of the history stands for.
//   - window: totals by script or by account over the last hour; see window.go.
//   - stream: a client that gets the state every second; see stream.go.
package load
