package cluster

import (
	"encoding/json"
	"fmt"
	"slices"

	"tabcell/runtime/osfile"
	"tabcell/runtime/registry"
)

// The kinds of changes.
const (
	deployChange   = "deploy"
	metadataChange = "metadata"
	rollbackChange = "rollback"
	removeChange   = "remove"
	restoreChange  = "restore"
)

// changeRequest is a change that a node forwards to the leader.
type changeRequest struct {
	ID     string `json:"id"`
	Origin string `json:"origin"` // the node that has authenticated the caller, and has the blobs
	Caller Caller `json:"caller"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`

	Deployment *registry.Deployment `json:"deployment,omitempty"` // without the code's content
	Sum        string               `json:"sum,omitempty"`        // of the code of a deployment
	Size       int64                `json:"size,omitempty"`

	Metadata *registry.Metadata `json:"metadata,omitempty"`
	Expect   string             `json:"expect,omitempty"` // digest of the metadata that Metadata replaces

	Number  int    `json:"number,omitempty"` // of the version to roll back to
	Author  string `json:"author,omitempty"`
	Replace bool   `json:"replace,omitempty"`

	Endpoint *registry.Endpoint `json:"endpoint,omitempty"` // to restore
}

// changeReply is the result of a change.
type changeReply struct {
	Index    uint64            `json:"index"` // of the command
	Endpoint registry.Endpoint `json:"endpoint"`
	Outcome  registry.Outcome  `json:"outcome,omitempty"`
}

// Caller is the client whose change is forwarded, as the node that authenticated it states it.
type Caller struct {
	User    string   `json:"user"`
	Roles   []string `json:"roles"`
	Address string   `json:"address"`
}

// deployRole is the role that every change needs.
const deployRole = "deploy"

const maxCallerText = 4 << 10

// check returns an error if a part that the kind needs is missing or malformed, or if the caller
// may not make changes.
func (q *changeRequest) check() error {
	if checkID(q.ID) != nil || checkID(q.Origin) != nil {
		return fmt.Errorf("%w: the forwarded change has no valid id", ErrRefused)
	}
	caller := q.Caller
	if !slices.Contains(caller.Roles, deployRole) || len(caller.Roles) > 32 || len(caller.User)+len(caller.Address) > maxCallerText {
		return fmt.Errorf("%w: the caller %.100q does not have the role %q", ErrRefused, caller.User, deployRole)
	}
	complete := map[string]bool{
		deployChange: q.Deployment != nil && (q.Deployment.Target != "" || checkDigest(q.Sum) == nil && q.Size > 0), metadataChange: q.Metadata != nil,
		rollbackChange: q.Number >= 0, removeChange: true, restoreChange: q.Endpoint != nil && q.Endpoint.Check() == nil,
	}
	if !complete[q.Kind] {
		return fmt.Errorf("%w: the forwarded change is incomplete or of the unknown kind %.40q", ErrRefused, q.Kind)
	}
	return registry.CheckName(q.Name)
}

// metadataDigest identifies the metadata of an endpoint.
func metadataDigest(m registry.Metadata) string {
	text, _ := json.Marshal(m) // strings and JSON always marshal
	return osfile.Digest(text)
}
