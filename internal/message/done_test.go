package message_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/assert"

	"vinbot/internal/message"
)

// done reads a /done.
func done(text, botName string) (message.Done, bool) {
	c, ok := message.FindCommand(text, nil, botName)
	if !ok || c.Name != message.CommandDone {
		return message.Done{}, false
	}
	return c.Done(), true
}

func TestTheNumberOfDone(t *testing.T) {
	t.Parallel()
	twelve, bare, wrong := message.Done{ID: 12, HasID: true}, message.Done{}, message.Done{HasID: true}
	for text, want := range map[string]message.Done{
		"/done":                       bare,
		"/done 12":                    twelve,
		"/DONE 12":                    twelve,
		"/done #12":                   twelve,
		"/done №12":                   twelve,
		"/done № 12":                  twelve,
		"/done №\u00a012":             twelve,
		"/done@vin_bot 12":            twelve,
		"/done@VIN_Bot #12":           twelve,
		"/done@vin_bot":               bare,
		"  \u200e/done 12":            twelve,
		"/done\t12 готово":            twelve,
		"/done 12.":                   twelve,
		"/done 12\tготово":            twelve,
		"/done 12\u00a0готово":        twelve,
		"/done 12\nспасибо":           twelve,
		"/done\n12":                   bare,
		"/done готово":                bare,
		"/done 0":                     wrong,
		"/done #":                     wrong,
		"/done 12a":                   wrong,
		"/done #кот":                  wrong,
		"/done 99999999999999999999 ": wrong,
	} {
		got, ok := done(text, "vin_bot")
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
	}
}

func TestWhatIsNoDone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "/", "/@vin_bot", "done 12", "готово /done 12", "/done12", "/donee 12", "/done@other_bot 12", "/done@ 12", "/start",
	} {
		_, ok := done(text, "vin_bot")
		assert.False(t, ok, text)
	}
	_, ok := done("/done@vin_bot 12", "")
	assert.False(t, ok, "nobody knows whom it is for")
	_, ok = done("/done 12", "")
	assert.True(t, ok)
}

// mark is Telegram's entity for a command, counted in UTF-16 units.
func mark(text, command string) []models.MessageEntity {
	before, _, _ := strings.Cut(text, command)
	return []models.MessageEntity{
		{Type: models.MessageEntityTypeBold, Offset: 0, Length: 1},
		{
			Type: models.MessageEntityTypeBotCommand, Offset: len(utf16.Encode([]rune(before))),
			Length: len(utf16.Encode([]rune(command))),
		},
	}
}

func TestFindCommand(t *testing.T) {
	t.Parallel()
	for text, found := range map[string]bool{
		"/done 12": true,
		"Отчёт 🚗🚗 готов\n/done 12":         true,
		"🚗\n  /done 12\nспасибо":           true,
		"когда закончите, пишите /done 12": false,
		"🚗 /done 12": false,
	} {
		c, ok := message.FindCommand(text, mark(text, "/done"), "vin_bot")
		assert.Equal(t, found, ok, text)
		if found {
			assert.Equal(t, "done", c.Name, text)
			assert.Equal(t, "12", c.Arguments, text)
			assert.Equal(t, strings.HasSuffix(text, "спасибо"), c.Words == "12\nспасибо", "of all lines: %s", text)
			assert.Equal(t, message.Done{ID: 12, HasID: true}, c.Done())
		}
	}
	_, ok := message.FindCommand("нет\n/done 12", nil, "vin_bot")
	assert.False(t, ok, "Telegram marked no command there")
	for _, offset := range []int{-1, 3, 100} {
		entity := models.MessageEntity{Type: models.MessageEntityTypeBotCommand, Offset: offset}
		_, ok := message.FindCommand("abc", []models.MessageEntity{entity}, "vin_bot")
		assert.False(t, ok)
	}
}

func FuzzFindCommand(f *testing.F) {
	f.Add("/done 12", 0)
	f.Add("🚗\n/done@vin_bot #12", 3)
	f.Add("/done №", -5)
	f.Fuzz(func(t *testing.T, text string, offset int) {
		entity := models.MessageEntity{Type: models.MessageEntityTypeBotCommand, Offset: offset, Length: 5}
		c, ok := message.FindCommand(text, []models.MessageEntity{entity}, "vin_bot")
		if !ok {
			assert.Zero(t, c)
			return
		}
		d := c.Done()
		assert.False(t, d.ID < 0 || d.ID > 0 && !d.HasID)
		parsed, isDone := done(text, "vin_bot")
		if isDone {
			assert.Equal(t, parsed, d)
		}
	})
}
