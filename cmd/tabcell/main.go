// Command tabcell serves Tableau's analytics extension requests, as TabPy does, from sealed cells.
package main

import "os"

func main() { os.Exit(mainCode()) }
