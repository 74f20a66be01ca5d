package message

import (
	"slices"
	"strings"

	"github.com/go-telegram/bot/models"
)

// The commands, without the slash.
const (
	CommandAsk      = "ask"
	CommandBan      = "ban"
	CommandUnban    = "unban"
	CommandStart    = "start"
	CommandHelp     = "help"
	CommandMine     = "my"
	CommandCancel   = "cancel"
	CommandLanguage = "lang"
	CommandDone     = "done"
)

// ownersCommands are those that /help explains, besides itself.
func ownersCommands() []string { return []string{CommandMine, CommandCancel, CommandLanguage} }

// Commands lists the commands as they are registered with Telegram, for
// private chats or for a managers' group.
func (b *Book) Commands(lang string, group bool) []models.BotCommand {
	family, names := "command.", slices.Concat([]string{CommandStart}, ownersCommands(), []string{CommandHelp})
	if group {
		family, names = "command.group.", []string{CommandDone, CommandAsk, CommandBan, CommandUnban, CommandHelp}
	}
	list := make([]models.BotCommand, len(names))
	for i, name := range names {
		list[i] = models.BotCommand{Command: name, Description: b.word(lang, family+name, values{})}
	}
	return list
}

// explained lists the owners' commands, a line each.
func (b *Book) explained(lang string) string {
	var lines []string
	for _, name := range ownersCommands() {
		lines = append(lines, "/"+name+" — "+escape(b.word(lang, "command."+name, values{})))
	}
	return strings.Join(lines, "\n")
}
