package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/runtime/cluster"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

const (
	// maxJoinTime is how long a server tries to join. Afterwards it ends with the reason, and the
	// service manager starts it again.
	maxJoinTime = time.Minute
	// joinPause is the first pause between attempts. Each is twice as long as the one before.
	joinPause    = 500 * time.Millisecond
	maxJoinPause = 8 * time.Second
	maxTokenFile = 64 << 10
)

// joinCluster makes this server a node of the cluster that the settings name, unless it is a node
// already, or the settings name none. It asks the members one after the other until one admits it.
func joinCluster(ctx context.Context, set settings.Settings, log *zerolog.Logger) error {
	s := set.Cluster
	if s.Join == "" {
		return nil
	}
	if _, err := cluster.ReadIdentity(s.Path); !errors.Is(err, cluster.ErrNoIdentity) {
		return err // the server is a node, or its folder is damaged
	}
	if n, err := endpoints.Count(set.Models.Path); err != nil || n > 0 {
		return errors.Join(err, fmt.Errorf("TABCELL_CLUSTER_JOIN is set, but this server has %d endpoints of its own in %s, which those of the cluster "+
			"would replace; export them, and run `tabcell cluster join --discard`", n, set.Models.Path))
	}
	ctx, cancel := context.WithTimeout(ctx, maxJoinTime)
	defer cancel()
	log.Info().Strs("members", s.Members()).Msg("joining the cluster")
	for pause := joinPause; ; pause = min(2*pause, maxJoinPause) {
		err := joinAny(ctx, s)
		if err == nil {
			log.Info().Str("folder", s.Path).Msg("this server is a node of the cluster now")
			return nil
		}
		log.Warn().Err(err).Msg("the cluster did not admit this server yet")
		select {
		case <-ctx.Done():
			return fmt.Errorf("this server cannot join the cluster (TABCELL_CLUSTER_JOIN): %w", err)
		case <-time.After(pause):
		}
	}
}

// joinAny asks all members once. The token is read again each time, because it may arrive later.
func joinAny(ctx context.Context, s settings.Cluster) error {
	token, err := readToken(s.TokenFile)
	if err != nil {
		return err
	}
	var errs []error
	for _, member := range s.Members() {
		if member == s.Advertised() {
			continue // this server itself
		}
		o := cluster.JoinOptions{Advertise: s.Advertised(), Peer: member, Token: token, Build: buildinfo.Current().Version}
		if _, err := cluster.Join(ctx, s.Path, o); err == nil {
			return nil
		} else if errors.Is(err, cluster.ErrToken) {
			return err // all members know the same tokens
		} else {
			errs = append(errs, err)
		}
	}
	if errs == nil {
		errs = []error{errors.New("TABCELL_CLUSTER_JOIN names no other node")}
	}
	return errors.Join(errs...)
}

// readToken reads the token of a file. The error does not contain the token.
func readToken(file string) (string, error) {
	text, err := os.ReadFile(file)
	switch {
	case err != nil:
		return "", fmt.Errorf("the token of TABCELL_CLUSTER_TOKEN_FILE cannot be read: %w", err)
	case len(text) > maxTokenFile:
		return "", fmt.Errorf("%s has %d bytes, so it is not a token of `tabcell cluster token`", file, len(text))
	}
	return strings.TrimSpace(string(text)), nil
}
