package ticket

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
		say.To, say.User = to, 0
		alarms[i] = Effect{Kind: EffectSay, Lane: ChatLane(to.Chat), Chat: to.Chat, Urgency: ForGroup}
		if to.Chat > 0 {
			say.User, alarms[i].Urgency = to.Chat, ForOwner
		}
		alarms[i].Payload = say
	}
	return alarms
}
