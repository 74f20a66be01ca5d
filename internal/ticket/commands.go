package ticket

import "strconv"

// Commands is the effect that registers the bot's commands with Telegram: for
// the private chats where chat is 0, else for that group.
func Commands(chat int64) Effect {
	key := strconv.FormatInt(chat, 10)
	return Effect{
		Kind: EffectCommands, Lane: "commands:" + key, Urgency: ForEdit, Merge: key,
		Payload: ChatRef{Chat: chat},
	}
}
