package httpapi

import (
	"context"
	stdlog "log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tabcell/httpapi/internal/listener"
)

const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10

	// unreadBodyTimeout is the time in which a body must arrive that no handler reads.
	unreadBodyTimeout = 10 * time.Second

	// maxStreams bounds the concurrent requests of one HTTP/2 connection, and with them the share of
	// the processors that one connection gets: its handlers run side by side with those of others.
	// net/http closes connections that open streams much faster than they end.
	maxStreams = 32
)

// NewServer returns an http.Server for h with timeouts and a header limit that suit cfg. The server
// speaks HTTP/1.1 and, over TLS only, HTTP/2. ctx is the parent of all request contexts and carries
// the logger. Use Serve to run the server.
func NewServer(ctx context.Context, addr string, h http.Handler, cfg Config) *http.Server {
	cfg = cfg.WithDefaults()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(cfg.Protocol == "https") // GAP: TabPy does not support HTTP/2
	// readBody and send set deadlines that they renew while there is progress. The two timeouts here
	// apply until then, and to bodies that no handler reads.
	const readTimeout = headerTimeout + unreadBodyTimeout
	uploadTime := defaultPace.transferTimeout(cfg.MaxRequestBytes)
	return &http.Server{
		Addr:                         addr,
		Handler:                      h,
		BaseContext:                  func(net.Listener) context.Context { return ctx },
		Protocols:                    protocols,
		HTTP2:                        &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ReadHeaderTimeout:            headerTimeout,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 readTimeout + uploadTime + cfg.Timeout + defaultPace.window,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		DisableGeneralOptionsHandler: true, // "OPTIONS *" is routed like any other path
		ErrorLog:                     stdlog.New(errorLog{ctx}, "", 0),
	}
}

// Serve serves connections from l until s is closed. If s has a TLSConfig, it serves TLS only.
func Serve(s *http.Server, l net.Listener) error {
	if s.TLSConfig != nil {
		return s.ServeTLS(listener.TLSOnly(l), "", "")
	}
	return s.Serve(listener.Framing(l, s.MaxHeaderBytes, reportTLS(s.ErrorLog)))
}

// tlsReportPeriod is the time in which one client that speaks TLS to a server without TLS is
// logged. Such a client tries again and again, and there may be many.
const tlsReportPeriod = time.Minute

// reportTLS returns a function that logs a client which speaks TLS, at most once in
// tlsReportPeriod.
func reportTLS(log *stdlog.Logger) func(net.Addr) {
	var mu sync.Mutex
	var last time.Time
	return func(client net.Addr) {
		mu.Lock()
		defer mu.Unlock()
		if !last.IsZero() && time.Since(last) < tlsReportPeriod {
			return
		}
		last = time.Now()
		log.Printf(`the client %s uses TLS, but this server does not: use a URL that begins with http://, and no "Require SSL" in `+
			"Tableau's connection; or enable TLS with TABPY_TRANSFER_PROTOCOL (further clients are logged after %v)", client, tlsReportPeriod)
	}
}

// errorLog writes net/http's own messages, such as failed TLS handshakes, to the logger in ctx.
type errorLog struct{ ctx context.Context }

func (l errorLog) Write(line []byte) (int, error) {
	zerolog.Ctx(l.ctx).Warn().Msg(sanitize(strings.TrimSpace(string(line)), maxLoggedText))
	return len(line), nil
}
