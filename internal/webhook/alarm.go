package webhook

import (
	"net/url"
	"strconv"

	"vinbot/internal/ticket"
)

// alarm tells an admin, or a group, that an endpoint was switched off.
func alarm(e Endpoint, to ticket.Place) ticket.Effect {
	say := ticket.Say{Text: ticket.TextWebhookOff, To: to, Name: e.name(), Reason: e.Stopped}
	effect := ticket.Effect{Kind: ticket.EffectSay, Lane: ticket.ChatLane(to.Chat), Chat: to.Chat, Urgency: ticket.ForGroup}
	if to.Chat > 0 {
		say.User, effect.Urgency = to.Chat, ticket.ForOwner
	}
	effect.Payload = say
	return effect
}

// name tells people which endpoint it is: its number and its host, since the
// rest of a URL may be as good as a password.
func (e Endpoint) name() string {
	name := "#" + strconv.FormatInt(e.ID, 10)
	if u, err := url.Parse(e.URL); err == nil {
		name += " " + u.Host
	}
	return name
}
