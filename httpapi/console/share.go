package console

import "errors"

const (
	// shareOfCells is the part of the cells that scripts from the console may use at the same time:
	// one of so many. The others stay free for Tableau, however long the scripts of the console run.
	shareOfCells = 4
	// shareQueue is the number of scripts from the console that may wait, half of them of one account.
	shareQueue = 16
)

// errShareBusy is the cause of a wait that took as long as a script may run.
var errShareBusy = errors.New("the console's share of the cells is busy")

// sharePermits returns the number of scripts from the console that run at the same time.
func (c *Console) sharePermits() int { return max(1, c.cfg.Concurrency/shareOfCells) }
