package authn

import "time"

// Checks that are paid for or wait for it, in all and by one source; beyond them those who come are told to try again.
const (
	mostAttempts       = 64
	mostSourceAttempts = 16
)

// attemptKey: a guess by one source. What others pay for is not told to it.
type attemptKey struct {
	roster *roster
	source string
	who    proof
}

// attempt is a check under way.
type attempt struct {
	done chan struct{}
	err  error // read after done
}

// try joins the attempt of the same guess, or starts one if the source may guess; there is none when the guess is known to be right. That is looked
// at last: else the answers to a source that may not guess would tell it which guess is right, as fast as it can ask.
func (p *Passwords) try(key attemptKey, m *member, name, password string) (*attempt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := p.attempts[key]; ok {
		return t, nil
	}
	taken, wait := p.lockout.admit(key.source, key.who)
	if wait > 0 {
		return nil, &Throttled{wait}
	}
	if taken && (len(p.attempts) >= mostAttempts || p.trying[key.source] >= mostSourceAttempts) {
		p.lockout.giveBack(key.source)
		return nil, &Throttled{time.Second}
	}
	if m.proved(key.who) {
		p.succeeded(key, taken)
		return nil, nil
	}
	t := &attempt{done: make(chan struct{})}
	p.attempts[key] = t
	p.trying[key.source]++
	go p.pay(t, key, m, name, password, taken)
	return t, nil
}

// pay makes the check, also when its client is gone meanwhile: others may have joined, and the guess counts.
func (p *Passwords) pay(t *attempt, key attemptKey, m *member, name, password string, taken bool) {
	places := p.places
	if !taken {
		places = p.trusted
	}
	places <- struct{}{}
	right, err := m.hash.matches(password, key.roster.rounds)
	<-places
	switch {
	case err != nil:
		t.err = err
	case right && m.known:
		m.proof.Store(&key.who)
	case m.known:
		t.err = &Refused{"Wrong password for user name " + quote(name)}
	default:
		t.err = &Refused{"User name " + quote(name) + " not found"}
	}
	p.finish(t, key, taken)
}

// finish counts what came out and tells those who wait.
func (p *Passwords) finish(t *attempt, key attemptKey, taken bool) {
	if t.err != nil {
		p.lockout.failed(key.source, key.who)
	} else {
		p.succeeded(key, taken)
	}
	p.mu.Lock()
	delete(p.attempts, key)
	if p.trying[key.source]--; p.trying[key.source] == 0 {
		delete(p.trying, key.source)
	}
	p.mu.Unlock()
	close(t.done)
}

// succeeded: a right guess costs nothing.
func (p *Passwords) succeeded(key attemptKey, taken bool) {
	p.lockout.succeeded(key.source, key.who)
	if taken {
		p.lockout.giveBack(key.source)
	}
}
