package console

// Limits of the console. They do not depend on the settings, because larger tables are no use in a
// browser: it would have to hold them several times.
const (
	maxScript  = 1 << 20  // bytes of a script
	maxData    = 32 << 20 // bytes of a whole request; TABCELL_MAX_REQUEST_SIZE_MB may be less
	maxAnswer  = 2 << 20  // bytes of an answer that are sent to the browser
	maxPrinted = 64 << 10 // bytes of printed text, which is runtime.DefaultPrint
)

func (c *Console) maxRequest() int64 { return min(maxData, c.cfg.MaxRequestBytes) }

func (c *Console) limits() limitsBody {
	return limitsBody{
		Script: maxScript, Data: c.maxRequest(), Answer: maxAnswer, Printed: maxPrinted,
		Timeout: c.cfg.Timeout.Milliseconds(), Memory: c.cfg.MemoryLimit, Upload: c.cfg.MaxModelBytes,
	}
}
