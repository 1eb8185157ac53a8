package httpapi

import (
	"context"
	stdlog "log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

const (
	headTime    = 10 * time.Second
	idleTime    = 2 * time.Minute
	mostHeads   = 64 << 10
	mostStreams = 100 // requests at once on one HTTP/2 connection; net/http closes those that open and reset them ever faster
)

// NewServer is an http.Server for h with limits that fit cfg: the time for a request's head and body, for its answer, and for idling,
// and the size of its head. It speaks HTTP/1.1, and HTTP/2 only over TLS, to whoever asks for it. ctx is the root of all requests'
// contexts, and carries the logger. Serve serves with it.
func NewServer(ctx context.Context, addr string, h http.Handler, cfg Config) *http.Server {
	cfg = cfg.withDefaults()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(cfg.Protocol == "https") // GAP: TabPy does not speak it
	// readBody and send set deadlines that fit the body at hand; these two hold for what never comes so far.
	reading := headTime + transferTime(cfg.MaxRequestBytes)
	return &http.Server{
		Addr:                         addr,
		Handler:                      h,
		BaseContext:                  func(net.Listener) context.Context { return ctx },
		Protocols:                    protocols,
		HTTP2:                        &http.HTTP2Config{MaxConcurrentStreams: mostStreams},
		ReadHeaderTimeout:            headTime,
		ReadTimeout:                  reading,
		WriteTimeout:                 reading + cfg.Timeout + transferTime(0),
		IdleTimeout:                  idleTime,
		MaxHeaderBytes:               mostHeads,
		DisableGeneralOptionsHandler: true, // OPTIONS * is a path like another
		ErrorLog:                     stdlog.New(errorLog{ctx}, "", 0),
	}
}

// errorLog takes net/http's own complaints, such as failed TLS handshakes, into the log of the context.
type errorLog struct{ ctx context.Context }

func (l errorLog) Write(line []byte) (int, error) {
	zerolog.Ctx(l.ctx).Warn().Msg(clean(strings.TrimSpace(string(line)), mostText))
	return len(line), nil
}
