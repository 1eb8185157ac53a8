package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"tabcell/httpapi/console/load"
)

const (
	// eventTimeout is the time in which a client must take an event.
	eventTimeout = 10 * time.Second
	// eventsPerCheck is the number of events between two checks of the credentials of a session. Its
	// end is noticed with the next event.
	eventsPerCheck = 10
)

// loadEvents handles GET /load/events. The events come every second, so that no others are needed to
// keep proxies from closing the connection. The stream ends with the session, or when the server
// stops.
func (c *Console) loadEvents(q *Request) (Response, error) {
	stream, ok := c.deps.Load.Open(q.Owner())
	if !ok {
		return Response{}, &Error{
			Status: http.StatusServiceUnavailable, Code: "busy", Limit: load.MaxStreamsPerOwner, RetryAfter: time.Minute,
			Message: fmt.Sprintf("The console has too many live views: at most %d for one account, and %d in all.", load.MaxStreamsPerOwner, load.MaxStreams),
			Advice:  "Close other pages of the console; this page still shows the load when it is opened again.",
		}
	}
	defer stream.Close()
	h := q.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would collect the events
	w := &eventWriter{w: q.Writer, control: http.NewResponseController(q.Writer)}
	if q.Method == http.MethodHead {
		w.w.WriteHeader(http.StatusOK)
		return Response{}, nil
	}
	return Response{}, c.sendLoad(q, stream, w)
}

// sendLoad sends events until the stream ends. An error means that the client is gone.
func (c *Console) sendLoad(q *Request, stream *load.Stream, w *eventWriter) error {
	for n := 0; ; n++ {
		if !c.isSignedIn(q, n%eventsPerCheck == 0) {
			return w.send("end", map[string]string{"reason": "session"})
		}
		if err := w.send("load", c.now()); err != nil {
			return err
		}
		if !stream.Wait(q.Context()) {
			break
		}
	}
	if q.Context().Err() != nil {
		return nil
	}
	return w.send("end", map[string]string{"reason": "stopping"})
}

// isSignedIn reports whether the session of a request goes on, without using it. thoroughly states
// that its credentials are checked, too.
func (c *Console) isSignedIn(q *Request, thoroughly bool) bool {
	if !c.deps.Authenticates {
		return true
	}
	if thoroughly {
		_, err := c.currentSession(q, true)
		return err == nil
	}
	_, ok := c.sessions.Get(c.sessionID(q), true)
	return ok
}

// eventWriter writes server-sent events.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// send sends an event at once.
func (e *eventWriter) send(name string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	_ = e.control.SetWriteDeadline(time.Now().Add(eventTimeout)) // fails only for connections without deadlines, in tests
	if _, err := fmt.Fprintf(e.w, "event: %s\ndata: %s\n\n", name, text); err != nil {
		return err
	}
	return e.control.Flush()
}
