package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"tabcell/runtime/registry"
)

// CommandVersion is the newest version of commands that this build knows.
const CommandVersion = 1

// maxCommand limits the size of a command in bytes. The largest has the manifest of an endpoint.
const maxCommand = 5 << 20

// The types of commands. To add one, or to change the meaning of one, give it the next version:
// a member that does not know the version of a command stops applying the log.
const (
	putCommand       = "put"       // stores Endpoint
	removeCommand    = "remove"    // removes the endpoint Name
	importedCommand  = "imported"  // ends the import of the first node's endpoints
	memberCommand    = "member"    // adds or replaces Member
	forgetCommand    = "forget"    // removes the member Name
	tokenCommand     = "token"     // adds Token, and removes expired ones
	joinCommand      = "join"      // uses the token Name for Member
	authorityCommand = "authority" // adds Authority, which signs from now on
	retireCommand    = "retire"    // removes all authorities but the newest
)

// command is an entry of the log.
type command struct {
	Version   int                `json:"v"`
	Type      string             `json:"type"`
	ID        string             `json:"id,omitempty"`   // of the request
	Base      uint64             `json:"base,omitempty"` // the revision from which an endpoint was computed
	Now       int64              `json:"now,omitempty"`  // Unix time in seconds of the leader
	Name      string             `json:"name,omitempty"`
	Endpoint  *registry.Endpoint `json:"endpoint,omitempty"`
	Member    *Member            `json:"member,omitempty"`
	Token     *token             `json:"token,omitempty"`
	Authority *authority         `json:"authority,omitempty"`
}

// versionError reports a command of a version that this build does not know.
type versionError struct{ version int }

func (e *versionError) Error() string {
	return fmt.Sprintf("%v: it has version %d, this build knows %d", ErrHalted, e.version, CommandVersion)
}

func (e *versionError) Unwrap() error { return ErrHalted }

func encodeCommand(c command) ([]byte, error) {
	text, err := marshal(c)
	if err == nil && len(text) > maxCommand {
		err = fmt.Errorf("%w: the change has %d bytes, the limit is %d bytes", registry.ErrTooLarge, len(text), maxCommand)
	}
	return text, err
}

// decodeCommand decodes and checks a command. The error is a *versionError if the command is of a
// newer build.
func decodeCommand(text []byte) (command, error) {
	var head struct {
		Version int `json:"v"`
	}
	var c command
	if len(text) > maxCommand {
		return c, fmt.Errorf("the command has %d bytes, the limit is %d", len(text), maxCommand)
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return c, err
	}
	switch {
	case head.Version < 1:
		return c, errors.New("the command has no version")
	case head.Version > CommandVersion:
		return c, &versionError{head.Version}
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, err
	}
	return c, c.check()
}

// idPattern matches the ids of requests, nodes and clusters.
var idPattern = regexp.MustCompile(`^[0-9a-z]{8,64}$`)

// check returns an error if a part that the type needs is missing or malformed.
func (c command) check() error {
	if c.ID != "" && !idPattern.MatchString(c.ID) {
		return errors.New("the id of the request is malformed")
	}
	switch c.Type {
	case putCommand:
		if c.Endpoint == nil {
			return errors.New("the endpoint is missing")
		}
		return c.Endpoint.Check()
	case removeCommand:
		return registry.CheckName(c.Name)
	case memberCommand:
		return c.Member.check()
	case joinCommand:
		return errors.Join(c.Member.check(), checkDigest(c.Name))
	case forgetCommand:
		return checkID(c.Name)
	case tokenCommand:
		return c.Token.check()
	case authorityCommand:
		return c.Authority.check()
	case importedCommand, retireCommand:
		return nil
	}
	return fmt.Errorf("unknown type of command %.40q", c.Type)
}

func checkID(id string) error {
	if !idPattern.MatchString(id) {
		return fmt.Errorf("%.80q is not the id of a node", id)
	}
	return nil
}

var digestPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

func checkDigest(text string) error {
	if !digestPattern.MatchString(text) {
		return fmt.Errorf("%.80q is not a SHA-256", text)
	}
	return nil
}

// marshal is json.Marshal without HTML escaping, which would change the text of a schema.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
