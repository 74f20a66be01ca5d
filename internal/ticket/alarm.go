package ticket

// Announce is the effect that says something in a chat which concerns no ticket: to
// a person in their own language, in a group in the group's.
func Announce(say Say, to Place) Effect {
	e := Effect{Kind: EffectSay, Lane: ChatLane(to.Chat), Chat: to.Chat, Urgency: ForGroup}
	say.To, say.User = to, 0
	if to.Chat > 0 {
		say.User, e.Urgency = to.Chat, ForOwner
	}
	e.Payload = say
	return e
}

// Alarms say something to every admin, or to the groups where there are none.
func Alarms(say Say, admins []int64, groups []Place) []Effect {
	if len(admins) > 0 {
		groups = make([]Place, len(admins))
		for i, admin := range admins {
			groups[i].Chat = admin
		}
	}
	alarms := make([]Effect, len(groups))
	for i, to := range groups {
		alarms[i] = Announce(say, to)
	}
	return alarms
}
