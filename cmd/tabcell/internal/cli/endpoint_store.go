package cli

import (
	"context"
	"errors"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/settings"
)

// withStore opens the store that the flags select, calls work with it, and closes it.
func (a *App) withStore(o *endpointOptions, writes bool, work func(context.Context, endpoints.Store) error) error {
	ctx, cancel := a.signalContext()
	defer cancel()
	s, err := a.openStore(ctx, o, writes)
	if err != nil {
		return err
	}
	return errors.Join(work(ctx, s), s.Close())
}

// openStore opens the store that the flags select. If writes is false, a folder that a server has
// open can be read.
func (a *App) openStore(ctx context.Context, o *endpointOptions, writes bool) (endpoints.Store, error) {
	options := endpoints.Options{
		User: o.user, Password: a.getenv("TABCELL_CLIENT_PASSWORD"), Token: a.getenv("TABCELL_CLIENT_TOKEN"), CA: o.ca,
		Stderr: a.Stderr, Ask: a.promptLine,
		Start: func(ctx context.Context, s settings.Settings) (endpoints.ModelLoader, error) {
			return a.startEngine(ctx, s)
		},
	}
	if o.url != "" {
		return endpoints.Dial(ctx, o.url, options)
	}
	loaded, err := loadSettings(o.src)
	if err != nil {
		return nil, err
	}
	return endpoints.Open(ctx, loaded, writes, options)
}
