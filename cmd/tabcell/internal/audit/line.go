package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"tabcell/httpapi"
)

// record is the content of a line, without its hash. Members that do not apply are left out.
type record struct {
	Seq        uint64 `json:"seq"`
	Time       string `json:"time"`
	Node       string `json:"node,omitempty"` // of a cluster
	Event      string `json:"event"`
	Outcome    string `json:"outcome,omitempty"`
	Account    string `json:"account,omitempty"`
	Address    string `json:"address,omitempty"`
	Call       string `json:"call,omitempty"`
	Endpoint   string `json:"endpoint,omitempty"`
	Version    int    `json:"version,omitempty"`
	SHA256     string `json:"sha256,omitempty"`
	Reason     string `json:"reason,omitempty"`
	Grant      string `json:"grant,omitempty"`
	Target     string `json:"target,omitempty"`
	Peer       string `json:"peer,omitempty"`
	BytesIn    int64  `json:"bytes_in,omitempty"`
	BytesOut   int64  `json:"bytes_out,omitempty"`
	Millis     int64  `json:"ms,omitempty"`
	Repeats    uint64 `json:"repeats,omitempty"` // further events like this one since its line
	Lost       uint64 `json:"lost,omitempty"`    // events since the last line that could not be stored
	TornBytes  int64  `json:"torn_bytes,omitempty"`
	TornSHA256 string `json:"torn_sha256,omitempty"`
	Prev       string `json:"prev"`
}

// recovered is the kind of the line after a tear.
const recovered = "recovered"

// timeFormat is RFC 3339 in UTC, with milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// Bounds of the texts in a line, in bytes. A line has at most maxLine bytes: in JSON a byte takes
// up to six.
const (
	maxName   = 256
	maxReason = 512
	maxLine   = 24 << 10
)

// newRecord returns the record of an event, with its texts cut to their bounds.
func newRecord(e httpapi.AuditEvent, at time.Time) record {
	return record{
		Time: at.UTC().Format(timeFormat), Event: string(e.Kind), Outcome: string(e.Outcome),
		Account: cut(e.Account, maxName), Address: cut(e.Address, maxName), Call: cut(e.Call, maxName),
		Endpoint: cut(e.Endpoint, maxName), Version: e.Version, SHA256: cut(e.SHA256, maxName), Reason: cut(e.Reason, maxReason),
		Grant: cut(e.Grant, maxName), Target: cut(e.Target, maxReason), Peer: cut(e.PeerAddress, maxName),
		BytesIn: e.BytesIn, BytesOut: e.BytesOut, Millis: e.Duration.Milliseconds(),
	}
}

// cut shortens text to at most limit bytes and marks the cut.
func cut(text string, limit int) string {
	if len(text) > limit {
		text = text[:limit-len("...")] + "..."
	}
	return strings.ToValidUTF8(text, "\ufffd")
}

// position identifies a line.
type position struct {
	seq  uint64
	hash string // of the line, in hex
}

// origin is the position before the first line.
var origin = position{hash: strings.Repeat("0", hex.EncodedLen(sha256.Size))}

const (
	hashKey    = `,"hash":"`
	hashEnd    = `"}`
	hashLength = 2 * sha256.Size
)

// encode returns the line after prev, with a line feed, and its position.
func (r record) encode(prev position) ([]byte, position) {
	r.Seq, r.Prev = prev.seq+1, prev.hash
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // cannot happen: the members are strings and numbers
	}
	text = text[:len(text)-1] // the closing brace follows the hash
	hash := digest(text)
	return append(text, hashKey+hash+hashEnd+"\n"...), position{r.Seq, hash}
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

var (
	errNotLine = errors.New("this is not a line of an audit trail")
	errChanged = errors.New("the line was changed: its content does not match its hash")
)

// decode returns the content of a line and its hash. The line feed is optional. The error is
// errNotLine, or errChanged together with the content.
func decode(line []byte) (record, string, error) {
	line = bytes.TrimSuffix(line, []byte("\n"))
	at := len(line) - len(hashEnd) - hashLength - len(hashKey)
	if at < 0 || !bytes.HasPrefix(line[at:], []byte(hashKey)) || !bytes.HasSuffix(line, []byte(hashEnd)) {
		return record{}, "", errNotLine
	}
	text, hash := line[:at], string(line[at+len(hashKey):len(line)-len(hashEnd)])
	var r record
	if json.Unmarshal(append(text[:at:at], '}'), &r) != nil || r.Seq == 0 {
		return record{}, "", errNotLine
	}
	if digest(text) != hash {
		return r, hash, errChanged
	}
	return r, hash, nil
}
