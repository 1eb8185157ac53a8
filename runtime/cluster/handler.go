package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tabcell/runtime/registry"
)

// maxJoinMessage limits the message of a node that is not a member yet, in bytes.
const maxJoinMessage = 64 << 10

// maxJoins limits the join requests that are handled at once.
const maxJoins = 8

// messageTimeout is how long a message may take to arrive.
const messageTimeout = 30 * time.Second

// idleBlob is how long a node may take to read a part of a blob.
const idleBlob = 30 * time.Second

// handler returns the handler of the requests of other nodes. sender is the verified node.
func (n *Node) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+joinPath, n.serveJoin)
	mux.HandleFunc("GET "+blobPath+"{sum}", n.member(func(w http.ResponseWriter, r *http.Request, _ string) error { return n.serveBlob(w, r) }))
	message(n, mux, changePath, func(ctx context.Context, sender string, q *changeRequest) (any, error) {
		if err := errors.Join(q.check()); err != nil {
			return nil, err
		}
		if q.Origin != sender {
			return nil, fmt.Errorf("%w: the change comes from another node", ErrRefused)
		}
		return n.replica.lead(ctx, *q)
	})
	message(n, mux, ensurePath, func(ctx context.Context, _ string, b *blob) (any, error) { return nil, n.ensure(ctx, *b) })
	message(n, mux, servedPath, func(ctx context.Context, _ string, m *indexMessage) (any, error) {
		ctx, cancel := context.WithTimeout(ctx, membersWait)
		defer cancel()
		return nil, n.replica.awaitServed(ctx, m.Index)
	})
	message(n, mux, indexPath, func(ctx context.Context, _ string, _ *struct{}) (any, error) {
		if !n.consensus.established() {
			return nil, errNotLeader
		}
		index, err := n.replica.readIndex(ctx)
		return indexMessage{index}, err
	})
	message(n, mux, statusPath, func(ctx context.Context, _ string, q *statusRequest) (any, error) { return n.answerStatus(ctx, *q) })
	message(n, mux, reportPath, func(ctx context.Context, sender string, m *Member) (any, error) {
		return nil, n.receiveReport(ctx, sender, *m)
	})
	message(n, mux, renewPath, func(_ context.Context, sender string, q *renewRequest) (any, error) { return n.renew(sender, *q) })
	message(n, mux, adminPath, func(ctx context.Context, _ string, q *adminRequest) (any, error) { return n.admin(ctx, *q) })
	return mux
}

// member wraps a handler for which the sender must be a member. The commands on this machine have the
// certificate of this node, and can ask it after it has left or was removed.
func (n *Node) member(handle func(w http.ResponseWriter, r *http.Request, sender string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		sender := ""
		if r.TLS != nil {
			sender, _ = n.link.nodeOf(*r.TLS)
		}
		if sender == "" || sender != n.identity.Node && !n.consensus.allowed(sender) {
			reply(w, http.StatusForbidden, nil, fmt.Errorf("%w: %s", ErrNotMember, n.identity.Name))
			return
		}
		if err := handle(w, r, sender); err != nil {
			reply(w, http.StatusConflict, nil, err)
		}
	}
}

// message registers a handler of messages of the type T.
func message[T any](n *Node, mux *http.ServeMux, path string, handle func(ctx context.Context, sender string, m *T) (any, error)) {
	mux.HandleFunc("POST "+path, n.member(func(w http.ResponseWriter, r *http.Request, sender string) error {
		m := new(T)
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(messageTimeout)) // HTTP/2 has it
		if err := readMessage(r.Body, maxMessage, m); err != nil {
			return err
		}
		answer, err := handle(r.Context(), sender, m)
		if err == nil {
			reply(w, http.StatusOK, answer, nil)
		}
		return err
	}))
}

// readMessage decodes a message of at most limit bytes.
func readMessage(body io.Reader, limit int64, m any) error {
	text, err := io.ReadAll(io.LimitReader(body, limit+1))
	switch {
	case err != nil:
		return err
	case int64(len(text)) > limit:
		return fmt.Errorf("%w: the message has more than %d bytes", ErrRefused, limit)
	}
	if err := json.Unmarshal(text, m); err != nil {
		return fmt.Errorf("%w: the message is malformed: %w", ErrRefused, err)
	}
	return nil
}

// reply sends the reply to a message.
func reply(w http.ResponseWriter, status int, answer any, err error) {
	e := envelope{Error: toWire(err)}
	if err == nil {
		text, encodeErr := marshal(answer)
		e.Reply, e.Error = text, toWire(encodeErr)
	}
	text, _ := marshal(e) // an envelope always marshals
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the sender notices an early end
}

// ensure makes this node have a blob.
func (n *Node) ensure(ctx context.Context, b blob) error {
	if err := b.check(); err != nil {
		return err
	}
	if b.Size > n.replica.limits.MaxBytes {
		return fmt.Errorf("%w: the model has %d bytes, the limit of node %s is %d bytes (TABCELL_MODELS_MAX_MB)",
			registry.ErrTooLarge, b.Size, n.identity.Name, n.replica.limits.MaxBytes)
	}
	return n.replica.blobs.fetch(ctx, b.version(), n.replica.sources(b.From), n.peers)
}

// serveBlob sends a blob, which it has verified.
func (n *Node) serveBlob(w http.ResponseWriter, r *http.Request) error {
	size, err := strconv.ParseInt(r.URL.Query().Get("size"), 10, 64)
	if err != nil {
		return fmt.Errorf("%w: the size of the blob is missing", ErrRefused)
	}
	file, err := n.replica.registry.OpenCode(registry.Version{Sum: strings.ToLower(r.PathValue("sum")), Size: size})
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	control := http.NewResponseController(w)
	_, err = io.CopyBuffer(pacedWriter{w, control}, struct{ io.Reader }{io.LimitReader(file, size)}, make([]byte, 256<<10))
	if err != nil {
		panic(http.ErrAbortHandler) // the sender notices an early end
	}
	return nil
}

// pacedWriter gives each part of a body a deadline.
type pacedWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Write implements io.Writer.
func (w pacedWriter) Write(p []byte) (int, error) {
	_ = w.control.SetWriteDeadline(time.Now().Add(idleBlob)) // then the connection's own limits hold
	return w.ResponseWriter.Write(p)
}
