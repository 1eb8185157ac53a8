package cluster

import (
	"fmt"
	"strings"

	"github.com/anishathalye/porcupine"
)

// The kinds of operations in a history, besides those of changes.
const readOperation = "read"

// simInput is an operation of a client.
type simInput struct {
	kind    string // deployChange, metadataChange, rollbackChange, removeChange or readOperation
	name    string
	sum     string // of the code of a deployment
	text    string // the description that a change of metadata sets
	replace bool
}

// simOutput is its result. An unknown result is that of a change that may have been made.
type simOutput struct {
	unknown bool
	refused string // exists, not_found or invalid
	version int    // 0 if there is no endpoint
	sum     string
	text    string // the description, of a read only
}

// simKeep is the number of versions that are kept.
const simKeep = 3

// simState is the state of one endpoint: its version, the sums of the kept versions, the newest first
// and separated by commas, and its description.
type simState struct {
	version int
	sums    string
	text    string
}

func (s simState) first() string {
	sum, _, _ := strings.Cut(s.sums, ",")
	return sum
}

// with returns the state after a new version.
func (s simState) with(sum string) simState {
	sums := []string{sum}
	if s.version > 0 {
		sums = append(sums, strings.Split(s.sums, ",")...)
	}
	return simState{s.version + 1, strings.Join(sums[:min(len(sums), simKeep)], ","), s.text}
}

// step returns the state after an operation, and its result.
func (s simState) step(in simInput) (simState, simOutput) {
	exists := s.version > 0
	switch {
	case in.kind == readOperation:
		return s, simOutput{version: s.version, sum: s.first(), text: s.text}
	case in.kind == deployChange && exists && !in.replace:
		return s, simOutput{refused: "exists"}
	case in.kind == deployChange:
		s = s.with(in.sum)
		s.text = ""
		return s, simOutput{version: s.version, sum: in.sum}
	case !exists:
		return s, simOutput{refused: "not_found"}
	case in.kind == metadataChange:
		s.text = in.text
		return s, simOutput{version: s.version, sum: s.first()}
	case in.kind == removeChange:
		return simState{}, simOutput{}
	}
	kept := strings.Split(s.sums, ",")
	if len(kept) < 2 {
		return s, simOutput{refused: "invalid"}
	}
	s = s.with(kept[1])
	return s, simOutput{version: s.version, sum: kept[1]}
}

// registryModel is the sequential registry, by endpoint.
var registryModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		parts := map[string][]porcupine.Operation{}
		for _, o := range history {
			name := o.Input.(simInput).name
			parts[name] = append(parts[name], o)
		}
		var all [][]porcupine.Operation
		for _, part := range parts {
			all = append(all, part)
		}
		return all
	},
	Init: func() any { return simState{} },
	Step: func(state, input, output any) (bool, any) {
		next, want := state.(simState).step(input.(simInput))
		got := output.(simOutput)
		return got.unknown || got == want, next
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
	DescribeState:     func(state any) string { return fmt.Sprintf("%+v", state) },
}
