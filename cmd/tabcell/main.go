// Command tabcell is a server compatible with TabPy that runs each script in a sealed cell.
package main

import (
	"os"

	"tabcell/cmd/tabcell/internal/cli"
)

func main() { os.Exit(cli.Main()) }
