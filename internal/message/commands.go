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
	CommandQueue    = "queue"
	CommandInHand   = "mine"
	CommandTicket   = "ticket"
	CommandFind     = "find"
	CommandPriority = "prio"
	CommandAssign   = "assign"
	CommandReopen   = "reopen"
	CommandPrivacy  = "privacy"
	CommandDeleteMe = "delete_me"
	CommandStats    = "stats"
	CommandPanel    = "panel"
)

// ownersCommands are those that /help explains, besides itself.
func ownersCommands() []string {
	return []string{CommandMine, CommandCancel, CommandLanguage, CommandPrivacy, CommandDeleteMe}
}

// AboutData tells whether a command is about a person's own data.
func (c Command) AboutData() bool { return c.Name == CommandPrivacy || c.Name == CommandDeleteMe }

// groupCommands are those of the managers' groups, in the order of the menu.
func groupCommands() []string {
	return []string{
		CommandQueue, CommandInHand, CommandDone, CommandAsk, CommandTicket, CommandFind, CommandPriority,
		CommandAssign, CommandReopen, CommandStats, CommandBan, CommandUnban, CommandHelp,
	}
}

// ForGroup tells the commands that work in a managers' group only.
func ForGroup(name string) bool { return name != CommandHelp && slices.Contains(groupCommands(), name) }

// explainedForGroup lists the commands of a managers' group, a line each.
func (b *Book) explainedForGroup(lang string) string {
	var lines []string
	for _, name := range groupCommands() {
		if name != CommandHelp {
			lines = append(lines, "/"+name+" — "+escape(b.word(lang, "command.group."+name, values{})))
		}
	}
	return strings.Join(lines, "\n")
}

// Commands lists the commands as they are registered with Telegram, for
// private chats or for a managers' group.
func (b *Book) Commands(lang string, group bool) []models.BotCommand {
	if group {
		return b.described(lang, "command.group.", groupCommands())
	}
	return b.described(lang, "command.", slices.Concat([]string{CommandStart}, ownersCommands(), []string{CommandHelp}))
}

// PanelCommands lists those of the private chat of somebody who may use the panel.
func (b *Book) PanelCommands(lang string) []models.BotCommand {
	return b.described(lang, "command.", slices.Concat([]string{CommandPanel, CommandStart}, ownersCommands(), []string{CommandHelp}))
}

func (b *Book) described(lang, family string, names []string) []models.BotCommand {
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
