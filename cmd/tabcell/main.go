// Command tabcell is a server compatible with TabPy that runs each script in a sealed cell.
package main

import (
	"os"
	_ "time/tzdata" // for log times where the system has no zone files, such as in a container

	"tabcell/cmd/tabcell/internal/cli"
)

func main() { os.Exit(cli.Main()) }
