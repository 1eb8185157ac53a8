package endpoints

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tabcell/runtime/registry"
)

func (s *remoteStore) archivable() (names []string, err error) {
	all, err := s.List()
	for _, kind := range []string{registry.TypeModel, registry.TypeAlias} {
		for _, e := range all {
			if e.Type == kind {
				names = append(names, e.Name)
			}
		}
	}
	return names, err
}

// damaged returns no names if the user may not see them: then the export fails as well.
func (s *remoteStore) damaged() []string {
	var status struct{ Damaged []string }
	_ = s.request("GET", "/status/server", nil, &status)
	return status.Damaged
}

// archive copies an endpoint from the archive that the server sends.
func (s *remoteStore) archive(a *registry.ArchiveWriter, name string) ([]int, error) {
	response, err := s.do("GET", endpointPath(name, "export"), "", http.NoBody, 0)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, failureOf(response)
	}
	from, err := registry.NewArchiveReader(response.Body, maxRemoteCode)
	if err != nil {
		return nil, err
	}
	e, err := from.Next()
	if err != nil {
		return nil, err
	}
	if e.Name != name {
		return nil, fmt.Errorf("the server sent the endpoint %q", e.Name)
	}
	if err := copyEndpoint(a, from, e); err != nil {
		return nil, &brokenArchiveError{err}
	}
	if _, err := from.Next(); err != io.EOF {
		return nil, &brokenArchiveError{fmt.Errorf("the server's archive is damaged: %w", err)}
	}
	var damaged []int
	for _, text := range response.Header.Values("X-Damaged-Versions") {
		if number, err := strconv.Atoi(text); err == nil {
			damaged = append(damaged, number)
		}
	}
	return damaged, nil
}

// maxRemoteCode is the maximum size of a model's code, whatever the server's own limit is.
const maxRemoteCode = 2 << 30

// copyEndpoint copies the endpoint that from.Next has returned.
func copyEndpoint(to *registry.ArchiveWriter, from *registry.ArchiveReader, e registry.Endpoint) error {
	return to.Add(e, func(string) (io.Reader, error) {
		_, content, err := from.Code()
		return content, err
	})
}

// restore sends an endpoint to the server, as an archive that is made while it is sent.
func (s *remoteStore) restore(archive *registry.ArchiveReader, e registry.Endpoint, o ImportOptions) Imported {
	result := Imported{Name: e.Name}
	now, program := time.Now(), archive.Header.Program
	size, err := registry.ArchiveSize(e, program, now)
	if err != nil {
		result.Err = err
		return result
	}
	reader, writer := io.Pipe()
	written := make(chan error, 1)
	go func() {
		to, err := registry.NewArchiveWriter(writer, program, now)
		if err == nil {
			err = copyEndpoint(to, archive, e)
		}
		if err == nil {
			err = to.Close()
		}
		_ = writer.CloseWithError(err)
		written <- err
	}()
	sendErr := s.sendArchive(e.Name, reader, size, o, &result)
	_ = reader.CloseWithError(errAnswered) // the server may have answered before the end
	if err := <-written; err != nil && !errors.Is(err, errAnswered) {
		sendErr = err // reading the archive failed
	}
	result.Err = sendErr
	return result
}

var errAnswered = errors.New("the server has answered")

// sendArchive sends an archive with one endpoint, and reads the result.
func (s *remoteStore) sendArchive(name string, archive io.Reader, size int64, o ImportOptions, result *Imported) error {
	query := url.Values{"replace": {strconv.FormatBool(o.Replace)}, "dry_run": {strconv.FormatBool(o.DryRun)}}
	response, err := s.do("POST", endpointPath(name, "import")+"?"+query.Encode(), "application/x-tar", archive, size)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusPreconditionFailed:
		return registry.ErrExists
	default:
		return failureOf(response)
	}
	var body struct {
		Outcome          registry.Outcome
		Version, Dropped int
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxResponse)).Decode(&body); err != nil {
		return fmt.Errorf("%s returned an unexpected response: %w", s.base, err)
	}
	result.Outcome, result.Version, result.Dropped = body.Outcome, body.Version, body.Dropped
	if o.DryRun && body.Outcome == registry.Replaced && !o.Replace {
		return registry.ErrExists
	}
	return nil
}

// failureOf returns the error of a response that reports one.
func failureOf(response *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	if err != nil {
		return err
	}
	return statusError(response.StatusCode, text)
}

func endpointPath(name, action string) string {
	return "/endpoints/" + url.PathEscape(name) + "/" + action
}
