package settings

import "fmt"

// Layer is a place that values come from; greater layers win.
type Layer uint8

// The layers.
const (
	Default Layer = iota
	File
	Environment
	Flag
)

// String is the layer's name: default, file, environment, flag.
func (l Layer) String() string { return [...]string{"default", "file", "environment", "flag"}[l] }

// Origin is where a value came from.
type Origin struct {
	Layer Layer
	Name  string // as it was written there: TABPY_PORT, tabcell_port, --port
	File  string // with layer File
	Line  int    // with layer File, from 1; 0 for the whole file
}

// String is such as "tabpy.conf line 3", "environment".
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
