package runtime_test

import (
	"testing"
	"time"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
)

// standIn implements runtime.Evaluator with the stand-ins of package runtimetest.
type standIn struct {
	*runtimetest.FakeEngine
	*runtimetest.FakeModels
}

func (standIn) Stats() runtime.Stats                 { return runtime.Stats{} }
func (standIn) TemplateStats() runtime.TemplateStats { return runtime.TemplateStats{} }
func (standIn) Close() error                         { return nil }

func TestPendingEngineContract(t *testing.T) {
	p := runtime.NewPendingEngine(1, time.Second)
	start := func() (runtime.Evaluator, error) { return newStandIn(), nil }
	if _, err := p.Start(start); err != nil {
		t.Fatal(err)
	}
	runtimetest.Contract(t, p)
}

func newStandIn() standIn {
	return standIn{runtimetest.NewFakeEngine(), runtimetest.NewFakeModels()}
}
