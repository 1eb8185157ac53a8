// Command tabcell serves Tableau's analytics extension requests, as TabPy does, from sealed cells.
package main

import (
	"os"

	"tabcell/cmd/tabcell/internal/cli"
)

func main() { os.Exit(cli.Main()) }
