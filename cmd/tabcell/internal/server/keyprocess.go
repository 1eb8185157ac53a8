package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/settings"
)

// A confined server cannot open connections. If a key set URL is configured, another process of the
// same program fetches the key set. It is started before the wall is built, fetches only that URL,
// has no files of the server, and is confined itself. It reads requests from its standard input and
// ends with it.

// KeyCommand is the name of the command that runs ServeKeys.
const KeyCommand = "fetch-keys"

// keyConfig is the first message to the process.
type keyConfig struct {
	URI            string
	AllowNonPublic bool
	Confine        string // the value of TABCELL_CONFINE
}

// keyRequest asks for the key set.
type keyRequest struct{ ID int }

// keyResponse is the response to the request with the same ID. The response to the configuration
// has the ID 0.
type keyResponse struct {
	ID    int
	Data  []byte
	Error string
}

// keyProcess is a running process.
type keyProcess struct {
	config    keyConfig
	process   *exec.Cmd
	stdin     io.Closer
	requests  *json.Encoder
	responses chan keyResponse // closed when the process has ended
	idle      chan int         // has the ID of the last request while none is in progress
}

var errKeyProcess = errors.New("the process that fetches the key set has ended; restart the server")

// startKeyProcess starts the process. It returns nil if the configuration needs none, or if this
// process will not be confined.
func startKeyProcess(s settings.Settings) (*keyProcess, error) {
	needed := s.OAuth.Enabled && s.OAuth.KeySetFile == "" && s.OAuth.JWKSURI != ""
	if !needed || s.Process.Confine == confine.Off || !confine.Support().Up[confine.SystemCalls] {
		return nil, nil
	}
	k := &keyProcess{
		config:    keyConfig{s.OAuth.JWKSURI, s.OAuth.AllowNonPublicJWKS, s.Process.Confine},
		process:   &exec.Cmd{Path: "/proc/self/exe", Args: []string{"tabcell", KeyCommand}, Stderr: os.Stderr},
		responses: make(chan keyResponse), idle: make(chan int, 1),
	}
	if err := k.start(); err != nil {
		return nil, fmt.Errorf("the process that fetches the key set cannot be started: %w", err)
	}
	return k, nil
}

// start starts the process and waits until it has accepted the configuration.
func (k *keyProcess) start() error {
	stdin, err := k.process.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := k.process.StdoutPipe()
	if err == nil {
		err = k.process.Start()
	}
	if err != nil {
		return err
	}
	k.stdin, k.requests = stdin, json.NewEncoder(stdin)
	go k.read(stdout)
	err = k.requests.Encode(k.config)
	if ready, ok := <-k.responses; err == nil && !ok {
		err = errKeyProcess
	} else if err == nil && ready.Error != "" {
		err = errors.New(ready.Error)
	}
	if err != nil {
		return errors.Join(err, k.Close())
	}
	k.idle <- 0
	return nil
}

// read passes the responses on until the process ends.
func (k *keyProcess) read(stdout io.Reader) {
	defer close(k.responses)
	for in := json.NewDecoder(stdout); ; {
		var response keyResponse
		if in.Decode(&response) != nil {
			return
		}
		k.responses <- response
	}
}

// get fetches the key set. It can be used from any goroutine.
func (k *keyProcess) get(ctx context.Context) ([]byte, error) {
	var id int
	select {
	case id = <-k.idle:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	id++
	defer func() { k.idle <- id }()
	if err := k.requests.Encode(keyRequest{id}); err != nil {
		return nil, errKeyProcess
	}
	for {
		select {
		case response, ok := <-k.responses:
			switch {
			case !ok:
				return nil, errKeyProcess
			case response.ID != id: // of a request that was given up
			case response.Error != "":
				return nil, errors.New(response.Error)
			default:
				return response.Data, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// getter returns the function that fetches the key set of o. It returns nil if this process fetches
// it, and an error if o has another URL than at the start. k may be nil.
func (k *keyProcess) getter(o settings.OAuth) (func(context.Context) ([]byte, error), error) {
	switch {
	case k == nil || o.KeySetFile != "":
		return nil, nil
	case o.JWKSURI != k.config.URI || o.AllowNonPublicJWKS != k.config.AllowNonPublic:
		return nil, errors.New("TABPY_OAUTH_JWKS_URI and TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS cannot change in a confined server (TABCELL_CONFINE); restart it")
	}
	return k.get, nil
}

// Close ends the process. It does nothing if k is nil.
func (k *keyProcess) Close() error {
	if k == nil {
		return nil
	}
	err := k.stdin.Close()
	for range k.responses { // until the process has ended
	}
	return errors.Join(err, k.process.Wait())
}
