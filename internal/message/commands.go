package message

import "github.com/go-telegram/bot/models"

// The commands, without the slash.
const (
	CommandStart = "start"
	CommandHelp  = "help"
	CommandDone  = "done"
	CommandAsk   = "ask"
	CommandBan   = "ban"
	CommandUnban = "unban"
)

// Commands lists the commands as they are registered with Telegram, for
// private chats or for a managers' group.
func (b *Book) Commands(lang string, group bool) []models.BotCommand {
	family, names := "command.", []string{CommandStart, CommandHelp}
	if group {
		family, names = "command.group.", []string{CommandDone, CommandAsk, CommandBan, CommandUnban, CommandHelp}
	}
	list := make([]models.BotCommand, len(names))
	for i, name := range names {
		list[i] = models.BotCommand{Command: name, Description: b.word(lang, family+name, values{})}
	}
	return list
}
