package message

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"
)

// Command is a command to this bot.
type Command struct {
	Name      string // in small letters, without the slash
	Arguments string // the rest of its line
	Words     string // all that stands behind it, of the next lines, too
}

// Done is the command that finishes a ticket.
type Done struct {
	ID    int64 // 0 with HasID: a number was given that no ticket can have
	HasID bool
}

// FindCommand finds the command to this bot in a text or caption: where
// Telegram marks one at the beginning of a line, or at the beginning of the
// text, marked or not. Entities count in UTF-16 units.
func FindCommand(text string, entities []models.MessageEntity, botName string) (Command, bool) {
	if c, ok := parseCommand(strings.TrimLeftFunc(text, isBlank), botName); ok {
		return c, true
	}
	units := utf16.Encode([]rune(text))
	for _, e := range entities {
		if e.Type != models.MessageEntityTypeBotCommand || e.Offset < 0 || e.Offset > len(units) {
			continue
		}
		before := string(utf16.Decode(units[:e.Offset]))
		line := before[strings.LastIndexByte(before, '\n')+1:]
		if strings.TrimLeftFunc(line, isBlank) != "" {
			continue
		}
		if c, ok := parseCommand(string(utf16.Decode(units[e.Offset:])), botName); ok {
			return c, true
		}
	}
	return Command{}, false
}

// parseCommand reads the command that a text begins with.
func parseCommand(text, botName string) (Command, bool) {
	if !strings.HasPrefix(text, "/") {
		return Command{}, false
	}
	line, _, _ := strings.Cut(text[1:], "\n")
	end := strings.IndexFunc(line, unicode.IsSpace)
	if end < 0 {
		end = len(line)
	}
	name, addressee, addressed := strings.Cut(line[:end], "@")
	if name == "" || addressed && (botName == "" || !strings.EqualFold(addressee, botName)) {
		return Command{}, false
	}
	return Command{
		Name: strings.ToLower(name), Arguments: strings.TrimSpace(line[end:]), Words: strings.TrimSpace(text[1+end:]),
	}, true
}

// Done reads the command's number: 12, #12, № 12. What does not begin like a
// number is a remark, and the command is as good as one without.
func (c Command) Done() Done {
	done, _ := numbered(c.Arguments)
	return done
}

// Number reads the ticket's number that a command begins with, as Done does, and
// gives what stands behind it in its line.
func (c Command) Number() (Done, string) { return numbered(c.Arguments) }

// NumberOfWords reads it, too, and gives all that stands behind it, of the next
// lines as well.
func (c Command) NumberOfWords() (Done, string) { return numbered(c.Words) }

// numbered reads the number that a text begins with, and gives what stands behind
// it: all of it where there is none.
func numbered(text string) (Done, string) {
	rest := strings.TrimLeftFunc(text, func(r rune) bool { return r == '#' || r == '№' || unicode.IsSpace(r) })
	word, behind := CutWord(rest)
	if word == "" || !isDigit(word[0]) {
		if rest == text {
			return Done{}, text
		}
		return Done{HasID: true}, behind
	}
	id, err := strconv.ParseInt(strings.TrimRight(word, ".,;:!"), 10, 64)
	if err != nil || id <= 0 {
		return Done{HasID: true}, behind
	}
	return Done{ID: id, HasID: true}, behind
}

// CutWord divides a text behind its first word, whatever space or line break
// stands there.
func CutWord(text string) (word, behind string) {
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		return text, ""
	}
	return text[:end], strings.TrimSpace(text[end:])
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isBlank tells what may stand before a command unseen.
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }
