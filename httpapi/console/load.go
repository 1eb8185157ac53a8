package console

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"tabcell/httpapi/console/load"
)

// maxShown is the number of scripts and accounts that GET /load lists.
const maxShown = 20

// loadBody is the response of GET /load.
type loadBody struct {
	Now      nowBody       `json:"now"`
	History  historyBody   `json:"history"`
	Scripts  []scriptBody  `json:"scripts"`
	Accounts []accountBody `json:"accounts,omitempty"`
}

// nowBody is the state of the server, also in the events of a stream.
type nowBody struct {
	Time        time.Time `json:"time"`
	Running     int       `json:"running"`
	Queued      int       `json:"queued"`
	Refused     uint64    `json:"refused"`
	Timeouts    uint64    `json:"timeouts"`
	Crashes     uint64    `json:"crashes"`
	Calls       uint64    `json:"calls"`
	Memory      uint64    `json:"memory_bytes"`
	Cells       int       `json:"cells"`
	Models      int       `json:"models"`
	ModelBytes  uint64    `json:"models_bytes"`
	BudgetUsed  int64     `json:"budget_used"`
	BudgetMax   int64     `json:"budget_max"`
	Concurrency int       `json:"concurrency"`
	QueueMax    int       `json:"queue_max"`
}

type historyBody struct {
	Step   int                `json:"step_s"`
	From   time.Time          `json:"from"`
	Series map[string]numbers `json:"series"`
}

type scriptBody struct {
	Digest    string  `json:"digest"`
	FirstLine string  `json:"first_line,omitempty"`
	Calls     uint64  `json:"calls"`
	Time      float64 `json:"time_ms"`
	Errors    uint64  `json:"errors"`
}

type accountBody struct {
	Account  string  `json:"account"`
	Requests uint64  `json:"requests"`
	Errors   uint64  `json:"errors"`
	Time     float64 `json:"time_ms"`
}

// getLoad handles GET /load. Every account sees the totals; only administrators see the scripts of
// others and which accounts there are.
func (c *Console) getLoad(q *Request) (Response, error) {
	owner := q.visibleOwner()
	body := loadBody{Now: c.now(), History: newHistoryBody(c.deps.Load.History()), Scripts: []scriptBody{}}
	for _, s := range c.deps.Load.Scripts(owner, maxShown) {
		body.Scripts = append(body.Scripts, scriptBody{s.Digest, s.FirstLine, s.Calls, inMilliseconds(s.Time), s.Errors})
	}
	if owner == "" {
		body.Accounts = []accountBody{}
		for _, a := range c.deps.Load.Accounts("", maxShown) {
			body.Accounts = append(body.Accounts, accountBody{a.Name, a.Calls, a.Errors, inMilliseconds(a.Time)})
		}
	}
	return jsonResponse(http.StatusOK, body), nil
}

// visibleOwner returns the owner whose scripts and failures the user may see, or "" for those of
// all.
func (q *Request) visibleOwner() string {
	if q.User.Roles&RoleAdmin != 0 {
		return ""
	}
	return q.Owner()
}

func inMilliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// now returns the state of the server.
func (c *Console) now() nowBody {
	g := c.deps.Load.Now()
	return nowBody{
		Time: time.Now().UTC(), Running: g.Running, Queued: g.Waiting, Refused: g.Refused, Timeouts: g.Timeouts, Crashes: g.Crashes, Calls: g.Calls,
		Memory: g.Memory, Cells: g.Slots, Models: g.Models, ModelBytes: g.ModelBytes, BudgetUsed: g.BudgetUsed, BudgetMax: g.BudgetMax,
		Concurrency: c.cfg.Concurrency, QueueMax: c.cfg.Queue,
	}
}

// series has the series of the history. calls marks those that have no value in a step without
// calls.
var series = []struct {
	name  string
	calls bool
	value func(*load.Sample) float64
}{
	{"running", false, func(s *load.Sample) float64 { return float64(s.Running) }},
	{"queued", false, func(s *load.Sample) float64 { return float64(s.Queued) }},
	{"cells", false, func(s *load.Sample) float64 { return float64(s.Cells) }},
	{"requests", false, func(s *load.Sample) float64 { return float64(s.Requests) }},
	{"errors", false, func(s *load.Sample) float64 { return float64(s.Errors) }},
	{"refused", false, func(s *load.Sample) float64 { return float64(s.Refused) }},
	{"timeouts", false, func(s *load.Sample) float64 { return float64(s.Timeouts) }},
	{"memory_bytes", false, func(s *load.Sample) float64 { return float64(s.Memory) }},
	{"budget_used", false, func(s *load.Sample) float64 { return float64(s.BudgetUsed) }},
	{"busy", false, func(s *load.Sample) float64 { return float64(s.Busy) }},
	{"queue_ms", true, func(s *load.Sample) float64 { return float64(s.Queue) }},
	{"cell_ms", true, func(s *load.Sample) float64 { return float64(s.Cell) }},
	{"run_ms", true, func(s *load.Sample) float64 { return float64(s.Run) }},
	{"copy_ms", true, func(s *load.Sample) float64 { return float64(s.Copy) }},
	{"p50_ms", true, func(s *load.Sample) float64 { return float64(s.Median) }},
	{"p99_ms", true, func(s *load.Sample) float64 { return float64(s.Percentile99) }},
}

func newHistoryBody(h load.History) historyBody {
	body := historyBody{Step: int(load.Step / time.Second), From: h.From, Series: map[string]numbers{}}
	for _, one := range series {
		values := make(numbers, len(h.Samples))
		for i, s := range h.Samples {
			if values[i] = math.NaN(); s != nil && (!one.calls || s.Requests > 0) {
				values[i] = one.value(s)
			}
		}
		body.Series[one.name] = values
	}
	return body
}

// numbers is a list of numbers with few digits. NaN stands for a missing one.
type numbers []float64

// MarshalJSON implements json.Marshaler.
func (n numbers) MarshalJSON() ([]byte, error) {
	text := []byte{'['}
	for i, v := range n {
		if i > 0 {
			text = append(text, ',')
		}
		switch {
		case math.IsNaN(v):
			text = append(text, "null"...)
		case v == math.Trunc(v):
			text = strconv.AppendFloat(text, v, 'f', 0, 64)
		default:
			text = strconv.AppendFloat(text, v, 'f', 3, 64)
		}
	}
	return append(text, ']'), nil
}
