package httpapi

import (
	"time"

	"tabcell/runtime"
)

// phase is a named part of the time of a cell.
type phase struct {
	name string
	took time.Duration
}

// phasesOf splits the time of a cell into phases, in their order. If the guest does not report when
// it has parsed its input, the time for that counts as part of the script.
func phasesOf(t runtime.Trace) []phase {
	all := []phase{{"queue", t.Queue}, {"cell", t.Cell}, {"copy_in", t.CopyIn}}
	if t.Parse > 0 {
		all = append(all, phase{"parse", t.Parse})
	}
	all = append(all, phase{"script", t.Run - t.Parse - t.Serialize})
	if t.Serialize > 0 {
		all = append(all, phase{"serialise", t.Serialize})
	}
	return append(all, phase{"copy_out", t.Copy - t.CopyIn}, phase{"reset", t.Reset})
}

// trace returns a function that records the cells of a request in the metrics and the log, or nil
// if neither is enabled. The function is called after the response has been sent, so it does not
// refer to req, which may serve another request by then.
func (req *request) trace() func(runtime.Trace) {
	log, route, m := req.logger(), req.route, req.api.metrics
	if m == nil && !log.Debug().Enabled() {
		return nil
	}
	return func(t runtime.Trace) {
		m.observeCell(route, t)
		e := log.Debug().Str("route", route)
		for _, p := range phasesOf(t) {
			e = e.Dur(p.name, p.took)
		}
		e.Int("pages", t.Pages).Uint64("in", t.In).Uint64("out", t.Out).Uint64("fuel", t.Fuel).Msg("cell")
	}
}
