// Package audit keeps the audit trail of a server: one line of JSON for each event that matters for
// security, such as a sign-in, a deployment or an exceeded limit. It also verifies trails.
//
// Vocabulary:
//
//   - line: one event. It has a sequence number, which begins with 1, the hash of the previous line
//     (prev), and, as its last member, the SHA-256 of everything before that member (hash).
//   - chain: the lines in order. A line that is changed does not match its own hash. A line that is
//     removed, added or moved does not match the sequence number and the prev of its neighbours.
//   - position: the sequence number and the hash of a line.
//   - head file: the position of the last line, in a file of its own beside the trail. It shows
//     that lines were removed from the end, and lets the chain continue after another program has
//     moved the trail.
//   - tear: the beginning of a line that a crash or a full disk left without an end. It stays in
//     the file. The next line, a "recovered" event, has its size and its hash.
//   - repeat: an event that is equal to an earlier one within a minute. Repeats are counted, and
//     one line reports their number, so that refused requests cannot fill the disk.
//
// The chain has no secret: a person who can write to the file can also compute a new chain. Copies
// of the lines, or of single positions, on another host reveal that.
package audit
