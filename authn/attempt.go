package authn

import "time"

// Checks that are paid for or wait for it, in all and by one source; beyond them those who come are told to try again.
const (
	maxAttempts          = 64
	maxAttemptsPerSource = 16
)

// attemptKey: a guess by one source. What others pay for is not told to it.
type attemptKey struct {
	accounts *accounts
	source   string
	login    loginDigest
}

// attempt is a check under way.
type attempt struct {
	done chan struct{}
	err  error // read after done
}

// try joins the attempt of the same guess, or starts one if the source may guess; there is none when the guess is known to be right. That is looked
// at last: else the answers to a source that may not guess would tell it which guess is right, as fast as it can ask.
func (p *Passwords) startOrJoin(key attemptKey, a *account, name, password string) (*attempt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := p.attempts[key]; ok {
		return t, nil
	}
	charged, wait := p.lockout.admit(key.source, key.login)
	if wait > 0 {
		return nil, &Throttled{wait}
	}
	if charged && (len(p.attempts) >= maxAttempts || p.attemptsBySource[key.source] >= maxAttemptsPerSource) {
		p.lockout.refund(key.source)
		return nil, &Throttled{time.Second}
	}
	if a.isVerified(key.login) {
		p.recordSuccess(key, charged)
		return nil, nil
	}
	t := &attempt{done: make(chan struct{})}
	p.attempts[key] = t
	p.attemptsBySource[key.source]++
	go p.runAttempt(t, key, a, name, password, charged)
	return t, nil
}

// pay makes the check, also when its client is gone meanwhile: others may have joined, and the guess counts.
func (p *Passwords) runAttempt(t *attempt, key attemptKey, a *account, name, password string, charged bool) {
	slots := p.slots
	if !charged {
		slots = p.trustedSlots
	}
	slots <- struct{}{}
	matches, err := a.hash.matches(password, key.accounts.rounds)
	<-slots
	switch {
	case err != nil:
		t.err = err
	case matches && a.exists:
		a.verified.Store(&key.login)
	case a.exists:
		t.err = &Refused{"Wrong password for user name " + quote(name)}
	default:
		t.err = &Refused{"User name " + quote(name) + " not found"}
	}
	p.finishAttempt(t, key, charged)
}

// finish counts what came out and tells those who wait.
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

// succeeded: a right guess costs nothing.
func (p *Passwords) recordSuccess(key attemptKey, charged bool) {
	p.lockout.recordSuccess(key.source, key.login)
	if charged {
		p.lockout.refund(key.source)
	}
}
