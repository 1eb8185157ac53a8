package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"tabcell/authn"
	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// ServeKeys is the work of the process that fetches a key set for a confined server. It returns
// when in ends. Signals to the process group do not end it, because the server is still finishing
// requests then.
func ServeKeys(in io.Reader, out io.Writer) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	requests, responses := json.NewDecoder(in), json.NewEncoder(out)
	var config keyConfig
	if err := requests.Decode(&config); err != nil {
		return err
	}
	get, err := prepareKeys(config)
	if err := responses.Encode(newKeyResponse(0, nil, err)); err != nil {
		return err
	}
	for {
		var request keyRequest
		if err := requests.Decode(&request); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		data, err := get(context.Background()) // which has a time limit
		if err := responses.Encode(newKeyResponse(request.ID, data, err)); err != nil {
			return err
		}
	}
}

// prepareKeys checks the URL and confines the process.
func prepareKeys(config keyConfig) (func(context.Context) ([]byte, error), error) {
	log := zerolog.New(os.Stderr).With().Timestamp().Logger()
	get, err := authn.NewKeyGetter(authn.TokenConfig{JWKSURI: config.URI, AllowNonPublicJWKS: config.AllowNonPublic}, &log)
	if err != nil {
		return nil, err
	}
	loadLazyFiles()
	var plan confine.Plan
	addConnections(&plan, &settings.Loaded{}, keySetAddresses(settings.OAuth{Enabled: true, JWKSURI: config.URI})...)
	wall, err := confine.Build(config.Confine, plan)
	if err == nil {
		err = wall.Seal()
	}
	return get, err
}

func newKeyResponse(id int, data []byte, err error) keyResponse {
	response := keyResponse{ID: id, Data: data}
	if err != nil {
		response.Error = err.Error()
	}
	return response
}
