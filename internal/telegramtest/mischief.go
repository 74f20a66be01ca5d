package telegramtest

// Inject puts an update of any kind with any JSON into the queue, decodable or not, whether the bot asked for its kind
// or not.
func (s *Sim) Inject(kind, json string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.push(kind, []byte(json), updateLifetime)
}

// JumpUpdateIDs lets update ids go on from another number, as they do after a week of silence. A higher one takes
// effect at once; a lower one, as in reality, only when all updates so far are confirmed.
func (s *Sim) JumpUpdateIDs(next int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if next > s.queue.nextID {
		s.queue.nextID = next
		return
	}
	s.queue.jumpTo = next
}

// SetWebhook sets a webhook behind the bot's back, or with an empty URL removes it.
func (s *Sim) SetWebhook(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhook = url
	if url != "" {
		s.sendPollerAway(conflict(webhookSet))
	}
}

// Webhook is the webhook that is set, empty for none.
func (s *Sim) Webhook() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.webhook
}

// Polling tells whether a getUpdates call waits now.
func (s *Sim) Polling() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.poller != nil
}

// SetLimits switches the sending limits on or off.
func (s *Sim) SetLimits(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits.on = on
}
