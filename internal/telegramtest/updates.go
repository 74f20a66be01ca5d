package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

const (
	firstUpdateID   = 100_000_001
	maxPending      = 100_000
	updateLifetime  = 24 * time.Hour
	pressLifetime   = 150 * time.Second
	maxPollSeconds  = 50
	maxBatch        = 100
	sameOffsetPause = 500 * time.Millisecond
	futureOffset    = 10 // an offset further ahead than this is taken for one of an older sequence, and ignored
)

// update is one that waits to be confirmed.
type update struct {
	id      int
	body    []byte
	expires time.Time
}

// poller is a getUpdates call that waits.
type poller struct {
	wake   chan struct{}
	kicked chan *apiError
}

type queue struct {
	nextID     int
	jumpTo     int // a lower id to go on from when nothing waits, as after a week of silence
	pending    []update
	allowed    []string
	poller     *poller
	lastOffset int
	lastPoll   time.Time
	confirmed  chan struct{} // closed and renewed whenever updates are confirmed
	confirms   int
}

func (qu *queue) init() {
	qu.nextID, qu.lastOffset = firstUpdateID, -1
	qu.confirmed = make(chan struct{})
}

// allows tells whether the bot asked for updates of a kind. By default it gets all but three.
func (qu *queue) allows(kind string) bool {
	if len(qu.allowed) > 0 {
		return slices.Contains(qu.allowed, kind)
	}
	return kind != "chat_member" && kind != "message_reaction" && kind != "message_reaction_count"
}

// enqueue makes an update of the content, unless the bot does not want its kind.
func (s *Sim) enqueue(kind string, content any) {
	if !s.queue.allows(kind) || len(s.queue.pending) >= maxPending {
		return
	}
	body, err := json.Marshal(content)
	if err != nil {
		s.violate("update %s: %v", kind, err)
		return
	}
	lifetime := updateLifetime
	if kind == "callback_query" {
		lifetime = pressLifetime
	}
	s.push(kind, body, lifetime)
}

func (s *Sim) push(kind string, body []byte, lifetime time.Duration) {
	if s.opts.OnTraffic != nil {
		s.opts.OnTraffic("", kind, string(body))
	}
	qu := &s.queue
	if qu.jumpTo != 0 && len(qu.pending) == 0 {
		qu.nextID, qu.jumpTo = qu.jumpTo, 0
	}
	id := qu.nextID
	qu.nextID++
	var out bytes.Buffer
	out.Grow(len(body) + len(kind) + 32)
	out.WriteString(`{"update_id":`)
	out.WriteString(strconv.Itoa(id))
	out.WriteString(`,"`)
	out.WriteString(kind)
	out.WriteString(`":`)
	out.Write(body)
	out.WriteByte('}')
	qu.pending = append(qu.pending, update{id: id, body: out.Bytes(), expires: s.now().Add(lifetime)})
	if qu.poller != nil {
		close(qu.poller.wake)
		qu.poller = nil
	}
}

// getUpdates serves a batch, or waits for one. Of two that wait, the older is sent away.
func (s *Sim) getUpdates(ctx context.Context, q *query) (any, *apiError) {
	limit := q.int("limit")
	if limit < 1 || limit > maxBatch {
		limit = maxBatch
	}
	timeout := time.Duration(min(max(q.int("timeout"), 0), maxPollSeconds)) * time.Second

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.webhook != "" {
		return nil, conflict(webhookOn)
	}
	s.setAllowed(q)
	offset, now := q.int("offset"), s.now()
	if offset == s.queue.lastOffset && now.Sub(s.queue.lastPoll) < sameOffsetPause {
		limit = 1
	}
	s.queue.lastOffset, s.queue.lastPoll = offset, now
	s.confirm(offset)
	if len(s.queue.pending) == 0 && timeout > 0 {
		if failure := s.waitForUpdate(ctx, timeout); failure != nil {
			return nil, failure
		}
		s.expire()
	}
	return s.batch(limit), nil
}

// waitForUpdate gives the lock away until an update came, the time is over, or another poller takes its place.
func (s *Sim) waitForUpdate(ctx context.Context, timeout time.Duration) *apiError {
	s.sendPollerAway(conflict(otherPoller))
	mine := &poller{wake: make(chan struct{}), kicked: make(chan *apiError, 1)}
	s.queue.poller = mine
	s.mu.Unlock()
	timer := time.NewTimer(timeout)
	var failure *apiError
	select {
	case <-mine.wake:
	case <-timer.C:
	case <-ctx.Done():
	case <-s.closing:
	case failure = <-mine.kicked:
	}
	timer.Stop()
	s.mu.Lock()
	if s.queue.poller == mine {
		s.queue.poller = nil
	}
	return failure
}

func (s *Sim) sendPollerAway(with *apiError) {
	if s.queue.poller != nil {
		s.queue.poller.kicked <- with
		s.queue.poller = nil
	}
}

func (s *Sim) setAllowed(q *query) {
	p, ok := q.lookup("allowed_updates")
	if !ok {
		return
	}
	var kinds []string
	if err := json.Unmarshal([]byte(p.value), &kinds); err != nil {
		return // the table of methods has reported it
	}
	for _, kind := range kinds {
		if !slices.Contains(updateKinds(), kind) {
			s.violate("allowed_updates names %q, which is no kind of update", kind)
		}
	}
	s.queue.allowed = kinds
}

// confirm forgets the updates below the offset; a negative one keeps only the last ones of the queue.
func (s *Sim) confirm(offset int) {
	s.expire()
	qu := &s.queue
	before := len(qu.pending)
	switch {
	case offset < 0:
		qu.pending = slices.Clone(qu.pending[max(0, len(qu.pending)+offset):])
	case offset == 0 || offset > qu.nextID+futureOffset:
		return
	default:
		done := 0
		for done < len(qu.pending) && qu.pending[done].id < offset {
			done++
		}
		qu.pending = qu.pending[done:]
	}
	if n := before - len(qu.pending); n > 0 {
		qu.confirms += n
		close(qu.confirmed)
		qu.confirmed = make(chan struct{})
	}
}

func (s *Sim) expire() {
	now := s.now()
	if slices.ContainsFunc(s.queue.pending, func(u update) bool { return now.After(u.expires) }) {
		s.queue.pending = slices.DeleteFunc(slices.Clone(s.queue.pending), func(u update) bool { return now.After(u.expires) })
	}
}

func (s *Sim) batch(limit int) json.RawMessage {
	out := []byte{'['}
	for i, u := range s.queue.pending[:min(limit, len(s.queue.pending))] {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, u.body...)
	}
	return append(out, ']')
}

func updateKinds() []string {
	return []string{
		"message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
		"edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
		"inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
		"purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request",
		"chat_boost", "removed_chat_boost",
	}
}
