package httpapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime/registry"
)

// The backup routes are tabcell's own. Each moves one endpoint, with its versions and its
// history, as an archive (package registry). The code of models may be a secret, which no other
// route reveals, so export requires the role admin. Import changes an endpoint, so it requires
// the role deploy.
//
//	curl -u ops http://HOST:9004/endpoints/NAME/export > name.tar
//	curl -u ops --data-binary @name.tar 'http://HOST:9004/endpoints/NAME/import?replace=true'

const tarType = "application/x-tar"

// damagedHeader lists the versions that an export lacks because their code is damaged.
const damagedHeader = "X-Damaged-Versions"

// backupName returns the name of the endpoint in the path of a backup route.
func (a *API) backupName(req *request, suffix string) (string, error) {
	if a.deps.Backup == nil {
		return "", errDeployUnavailable
	}
	return a.segmentBetween(req, "/endpoints/", suffix)
}

// exportEndpoint handles GET /endpoints/NAME/export.
func (a *API) exportEndpoint(req *request) (response, error) {
	name, err := a.backupName(req, "/export")
	if err != nil {
		return response{}, err
	}
	return response{}, req.export(name)
}

// export records the export of an endpoint in the audit trail, and sends it.
func (req *request) export(name string) error {
	done, err := req.beginBackup()
	if err != nil {
		return err
	}
	defer done()
	x, err := req.api.deps.Backup.OpenExport(name)
	if err != nil {
		return backupError(name, err)
	}
	defer x.Close()
	if err := req.api.record(withRequest(context.Background(), req), auditExport(x.Endpoint)); err != nil {
		return err
	}
	return req.writeExport(x)
}

const (
	// maxBackups is the number of exports and imports that run at once. Each takes open files, or room
	// on the disk before the archive is complete.
	maxBackups = 4
	// backupMemory is the memory in bytes that each takes at most: a manifest, as text and decoded.
	backupMemory = 10 << 20
)

// beginBackup counts an export or import until done is called. It fails if there are too many, or
// if the memory for requests is used up.
func (req *request) beginBackup() (done func(), err error) {
	if req.api.backups.Add(1) > maxBackups {
		err = errBudgetExceeded
	} else {
		err = req.memory().reserve(backupMemory)
	}
	if err != nil {
		req.api.backups.Add(-1)
		return nil, err
	}
	return func() { req.api.backups.Add(-1) }, nil
}

// writeExport sends an archive without holding it. Its size is known, so that a client notices an
// early end.
func (req *request) writeExport(x *registry.Export) error {
	program, now := cmp.Or(req.api.cfg.Program, "unknown"), time.Now()
	size, err := registry.ArchiveSize(x.Endpoint, program, now)
	if err != nil {
		return err
	}
	header := req.Response().Header()
	header.Set("Content-Type", tarType)
	header.Set("Cache-Control", "no-store")
	for _, number := range x.Damaged {
		header.Add(damagedHeader, fmt.Sprint(number))
	}
	return req.send(http.StatusOK, size, func(w io.Writer) error {
		archive, err := registry.NewArchiveWriter(w, program, now)
		if err == nil {
			err = x.AddTo(archive)
		}
		if err == nil {
			err = archive.Close()
		}
		return err
	})
}

// importBody is the response to an import.
type importBody struct {
	Name    string           `json:"name"`
	Outcome registry.Outcome `json:"outcome"`
	Version int              `json:"version"`
	Dropped int              `json:"dropped"` // number of versions that are not kept
}

// importEndpoint handles POST /endpoints/NAME/import. With replace=true, it replaces an endpoint
// that exists; with dry_run=true, it checks everything and changes nothing.
func (a *API) importEndpoint(req *request) (response, error) {
	name, err := a.backupName(req, "/import")
	if err != nil {
		return response{}, err
	}
	done, err := req.beginBackup()
	if err != nil {
		return response{}, err
	}
	defer done()
	staged, err := a.stageImport(req, name)
	if err != nil {
		return response{}, backupError(name, err)
	}
	defer staged.Discard()
	e := staged.Endpoint
	outcome, err := a.models.checkRestore(req.Request().Context(), a.deps.Backup, staged)
	if err == nil && req.QueryParam("dry_run") != "true" {
		e, outcome, err = a.models.restore(req.ownedContext(), a.deps.Backup, staged, req.QueryParam("replace") == "true", req.user.Name)
	}
	if err != nil {
		return response{}, backupError(name, err)
	}
	return response{http.StatusOK, jsonUTF8, pyjson.Marshal(importBody{e.Name, outcome, e.Version, staged.Dropped})}, nil
}

// stageImport reads the archive in the body of a request. The code goes to files as it arrives, so
// that only its manifest is in memory and the limit of bodies does not apply; that of models does.
func (a *API) stageImport(req *request, name string) (*registry.Staged, error) {
	control := http.NewResponseController(req.Response())
	body := pacedReader{req.Request().Body, newTransfer(a.pace, control.SetReadDeadline)}
	archive, err := registry.NewArchiveReader(body, a.cfg.MaxModelBytes)
	if err != nil {
		return nil, err
	}
	e, err := archive.Next()
	switch {
	case err == io.EOF:
		return nil, fmt.Errorf("%w: it has no endpoint", registry.ErrNotArchive)
	case err != nil:
		return nil, err
	case e.Name != name:
		return nil, fmt.Errorf("%w: it has the endpoint %q, not %q", registry.ErrNotArchive, e.Name, name)
	}
	staged, err := a.deps.Backup.Stage(archive, e)
	if err != nil {
		return nil, err
	}
	if _, err := archive.Next(); err != io.EOF {
		staged.Discard()
		return nil, fmt.Errorf("%w: %w", registry.ErrNotArchive, cmp.Or(err, errSeveralEndpoints))
	}
	_, err = io.Copy(io.Discard, io.LimitReader(body, maxUnreadBody)) // the end of the tar file
	req.bodyRead = err == nil
	return staged, nil
}

var errSeveralEndpoints = errors.New("it has several endpoints")

// backupError converts an error of an archive or of the registry to the error that the client
// gets.
func backupError(name string, err error) error {
	_, damaged := errors.AsType[*registry.ArchivedError](err)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case errors.Is(err, registry.ErrExists):
		return &tabpyError{412, fmt.Sprintf("endpoint %s exists already, and is not the archived one.", name), "Set replace=true to replace it."}
	case errors.Is(err, registry.ErrNotArchive), damaged:
		return &tabpyError{400, "The archive cannot be restored.", truncate(err.Error())}
	case errors.Is(err, registry.ErrDamaged):
		return &tabpyError{409, fmt.Sprintf("endpoint %s is damaged.", name), truncate(err.Error())}
	}
	return changeError(name, err)
}

// checkRestore returns the outcome that a restoration would have. Its error is *UnavailableError.
func (c *catalog) checkRestore(ctx context.Context, b Backup, s *registry.Staged) (registry.Outcome, error) {
	if err := c.catchUp(ctx); err != nil {
		return "", err
	}
	return b.CheckRestore(s), nil
}

// restore makes a staged endpoint part of the models, and loads it, so that /status shows its
// state. An endpoint that does not load is restored all the same.
func (c *catalog) restore(ctx context.Context, b Backup, s *registry.Staged, replace bool, author string) (registry.Endpoint, registry.Outcome, error) {
	e, outcome, err := c.storeRestored(ctx, b, s, replace, author)
	if err != nil || outcome == registry.Unchanged || e.Type != registry.TypeModel {
		return e, outcome, err
	}
	info, err := c.load(ctx, c.model(ctx, e))
	if err == nil || isModelFault(err) {
		c.recordLoad(e, info, err)
	}
	return e, outcome, nil
}

// storeRestored stores the endpoint and publishes it.
func (c *catalog) storeRestored(ctx context.Context, b Backup, s *registry.Staged, replace bool, author string) (e registry.Endpoint, outcome registry.Outcome, err error) {
	defer c.lockChanges()()
	name := s.Endpoint.Name
	if err := c.checkGranted(ctx, name); err != nil {
		return s.Endpoint, "", err
	}
	old, _ := c.Get(name)
	switch outcome = b.CheckRestore(s); {
	case outcome == registry.Unchanged:
		return old, outcome, nil
	case outcome == registry.Replaced && !replace:
		return old, outcome, registry.ErrExists
	}
	e, err = c.audited(ctx, auditEndpoint(AuditImport, s.Endpoint), func() (e registry.Endpoint, err error) {
		e, outcome, err = c.restoreThrough(ctx, b).Restore(s, replace)
		return e, err
	})
	if err != nil {
		return e, outcome, err
	}
	c.mu.Lock()
	delete(c.records, name) // which may have the same version number
	c.mu.Unlock()
	c.forgetReplaced(old)
	logChange(ctx, "imported", e, author)
	return e, outcome, nil
}

// restorer makes a staged endpoint part of the models.
type restorer interface {
	Restore(s *registry.Staged, replace bool) (registry.Endpoint, registry.Outcome, error)
}

// restoreThrough returns the store through which the request in ctx restores endpoints.
func (c *catalog) restoreThrough(ctx context.Context, b Backup) restorer {
	if c.replication == nil {
		return b
	}
	return c.replication.As(ctx, callerOf(ctx))
}

// auditExport returns the event of an export.
func auditExport(e registry.Endpoint) AuditEvent {
	event := auditEndpoint(AuditExport, e)
	event.Outcome = AuditOK
	return event
}
