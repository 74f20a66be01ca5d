package user

import (
	"sync"
	"time"
)

const (
	// paceWindow is the time in which messages are counted.
	paceWindow = time.Minute
	// paceSweep is how often those are forgotten who have not written for that long.
	paceSweep = paceWindow / 6
)

// pace says how many messages of one owner are answered: so many in any minute,
// and not one more, as a bucket that refills would let through. They count by
// when they were sent, so that what gathered while the program was away is
// judged as if it had been there. It lives in memory: whoever meets a program
// that has just started begins anew.
type pace struct {
	most int // 0: as many as they like

	mu      sync.Mutex
	strides map[int64]*stride
	swept   time.Time
}

// stride is what is known of one owner's last minute.
type stride struct {
	taken []beat // oldest first, most at most
	told  beat   // the one that was answered with when to go on
	until time.Time
}

// beat is one message or press. The key is the same when it is handled again.
type beat struct {
	key string
	at  time.Time
}

// tempo is what is made of a message.
type tempo int

const (
	inTime  tempo = iota // it is answered
	tooFast              // the first over the limit: the owner is told when to go on
	ignored              // one more: they know
)

func newPace(most int) *pace { return &pace{most: most, strides: map[int64]*stride{}} }

// admit judges an owner's message, and says how long they must wait. The same
// one again is judged the same.
func (p *pace) admit(owner int64, b beat) (tempo, time.Duration) {
	if p.most == 0 {
		return inTime, 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep(b.at)
	s := p.strides[owner]
	if s == nil {
		s = &stride{}
		p.strides[owner] = s
	}
	for _, t := range s.taken {
		if t.key == b.key {
			return inTime, 0
		}
	}
	switch {
	case s.told.key == b.key && b.key != "":
		return tooFast, s.until.Sub(b.at)
	case b.at.Before(s.until):
		return ignored, s.until.Sub(b.at)
	case len(s.taken) < p.most:
		s.taken = append(s.taken, b)
		return inTime, 0
	case b.at.Sub(s.taken[0].at) >= paceWindow:
		s.taken = append(s.taken[1:], b)
		return inTime, 0
	}
	s.told, s.until = b, s.taken[0].at.Add(paceWindow)
	return tooFast, s.until.Sub(b.at)
}

// sweep forgets those who have not written for a minute.
func (p *pace) sweep(now time.Time) {
	if now.Sub(p.swept) < paceSweep {
		return
	}
	p.swept = now
	for owner, s := range p.strides {
		if n := len(s.taken); n == 0 || now.Sub(s.taken[n-1].at) >= paceWindow {
			delete(p.strides, owner)
		}
	}
}
