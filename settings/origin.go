package settings

import "fmt"

// Layer is a source of values. A greater layer takes precedence.
type Layer uint8

// The layers.
const (
	Default Layer = iota
	File
	Environment
	Flag
)

// String returns the layer's name: default, file, environment or flag.
func (l Layer) String() string { return [...]string{"default", "file", "environment", "flag"}[l] }

// Origin is the place that a value came from.
type Origin struct {
	Layer Layer
	Name  string // as it is written there: TABPY_PORT, tabcell_port, --port
	File  string // if Layer is File
	Line  int    // if Layer is File, from 1; 0 for the whole file
}

// String returns the place in words, such as "tabpy.conf line 3" or "environment".
func (o Origin) String() string {
	switch {
	case o.Layer == Flag:
		return "command line"
	case o.Layer == Environment:
		return "environment"
	case o.Layer == Default:
		return "default"
	case o.Line == 0:
		return o.File
	}
	return fmt.Sprintf("%s line %d", o.File, o.Line)
}
