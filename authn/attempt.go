package authn

import (
	"context"
	"time"
)

// The maximum number of checks that run or wait, in total and per source. Beyond it, requests are
// refused with a *ThrottledError.
const (
	maxAttempts          = 64
	maxAttemptsPerSource = 16
)

// attemptKey identifies an attempt. It includes the source, so that a source does not learn the
// result of a check that another source pays for, and the account, which is another one as soon as
// its hash changes.
type attemptKey struct {
	account *account // the dummy for a name without one
	source  string
	login   loginDigest
}

// attempt is a check in progress.
type attempt struct {
	done chan struct{}
	err  error // valid once done is closed
}

// startOrJoin returns the attempt of the same login, or starts one if the source is allowed to
// guess. It returns nil and no error if the login is already verified. That is checked last:
// otherwise a throttled source would learn from the responses which guess is correct, as fast as it
// can ask.
func (p *Passwords) startOrJoin(key attemptKey, all *accounts, name, password string) (*attempt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if running, ok := p.attempts[key]; ok {
		return running, nil
	}
	charged, wait := p.lockout.admit(key.source, key.login)
	if wait > 0 {
		return nil, &ThrottledError{wait}
	}
	if charged && (len(p.attempts) >= maxAttempts || p.attemptsBySource[key.source] >= maxAttemptsPerSource) {
		p.lockout.refund(key.source)
		return nil, &ThrottledError{time.Second}
	}
	if key.account.isVerified(key.login, p.lockout.now()) {
		p.recordSuccess(key, charged)
		return nil, nil
	}
	started := &attempt{done: make(chan struct{})}
	p.attempts[key] = started
	p.attemptsBySource[key.source]++
	go p.runAttempt(started, key, all, name, password, charged)
	return started, nil
}

// runAttempt checks the password. It runs to completion even if its client has disconnected: others
// may have joined the attempt, and the guess counts.
func (p *Passwords) runAttempt(t *attempt, key attemptKey, all *accounts, name, password string, charged bool) {
	a := key.account
	release := p.admit(all.memory, charged)
	matches, err := p.check(a.hash, password, all.costs)
	release()
	if released := p.released.Load(); released != nil {
		(*released)(all.memory)
	}
	switch {
	case err != nil:
		t.err = err
	case matches && a.exists:
		a.verified.Store(&verifiedLogin{key.login, p.lockout.now().Add(verifiedPeriod)})
	case a.exists:
		t.err = &RefusedError{"Wrong password for user name " + quote(name)}
	default:
		t.err = &RefusedError{"User name " + quote(name) + " not found"}
	}
	p.finishAttempt(t, key, charged)
}

// admit waits until a check that needs the memory, in bytes, can run. The caller calls release
// after the check. Trusted logins, which are not charged, do not queue behind guesses: one of them
// can run at a time, with memory of its own.
func (p *Passwords) admit(memory int64, charged bool) (release func()) {
	if !charged {
		p.trustedSlots <- struct{}{}
		return func() { <-p.trustedSlots }
	}
	p.slots <- struct{}{}
	_ = p.guessMemory.Acquire(context.Background(), memory) // fails only if the context is done
	return func() {
		p.guessMemory.Release(memory)
		<-p.slots
	}
}

// finishAttempt records the result and releases the requests that wait for it.
func (p *Passwords) finishAttempt(t *attempt, key attemptKey, charged bool) {
	if t.err != nil {
		p.lockout.recordFailure(key.source, key.login)
	} else {
		p.recordSuccess(key, charged)
	}
	p.mu.Lock()
	delete(p.attempts, key)
	if p.attemptsBySource[key.source]--; p.attemptsBySource[key.source] == 0 {
		delete(p.attemptsBySource, key.source)
	}
	p.mu.Unlock()
	close(t.done)
}

// recordSuccess trusts the login and refunds the guess charged for it: a correct login is free.
func (p *Passwords) recordSuccess(key attemptKey, charged bool) {
	p.lockout.recordSuccess(key.source, key.login)
	if charged {
		p.lockout.refund(key.source)
	}
}
