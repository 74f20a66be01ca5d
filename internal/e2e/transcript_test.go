package e2e

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
	"vinbot/internal/report/pdftest"
	"vinbot/internal/telegramtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestWhatPeopleRead writes down whole conversations, as the owner and the
// managers see them: read testdata/*.txt to judge the bot as they do.
func TestWhatPeopleRead(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"ru", "en"} {
		for name, tell := range map[string]func(*scribe){
			"journey": tellJourney, "owner": tellOwner, "managers": tellManagers, "commands": tellCommands, "rejection": tellRejection, "away": tellAway,
			"mine": tellMine, "album": tellAlbum, "stats": tellStats,
		} {
			t.Run(name+" "+lang, func(t *testing.T) {
				t.Parallel()
				w := begin(t, func(w *world, _ *telegramtest.Options) {
					w.cfg.DefaultLanguage, w.cfg.TelegramRateLimits = config.Language(lang), false
					w.beginsAtNoon()
				})
				w.settled()
				s := &scribe{world: w, owner: w.sim.User(names(lang)[0], lang), shown: map[string]string{}, events: w.sim.Subscribe(w.Context())}
				s.boris = w.sim.User(names(lang)[1], lang)
				w.group.Join(s.boris)
				s.step("")
				tell(s)
				s.compare(filepath.Join("testdata", name+"."+lang+".txt"))
			})
		}
	}
}

func names(lang string) [2]string {
	if lang == "en" {
		return [2]string{"John", "Bob"}
	}
	return [2]string{"Иван", "Павел"}
}

func tellJourney(s *scribe) {
	s.owner.Start("")
	s.step("/start")
	s.owner.Send("vin 1HGCM-82633-A004352")
	s.step("a VIN")
	card := s.card(honda)
	s.presses(s.boris.In(s.group), card, "take:1")
	s.step("Take")
	s.presses(s.boris.In(s.group), card, "done_hint:1")
	s.step("Done hint")
	s.understood(s.boris.In(s.group).ReplyPDF(card, pdf(), ""))
	s.step("the report")
	s.presses(s.boris.In(s.group), card, "take:1")
	s.step("Take on a card that is done")
}

func tellOwner(s *scribe) {
	for _, text := range []string{
		"/help", "добрый день, сколько стоит?", honda[:16], honda + "77", "WBAFW5104OC24539Т", "12345678901234567", "GX110-0069622", "1НGСМ82633А004352", honda,
	} {
		s.owner.Send(text)
		s.step(text)
	}
	s.owner.Send("1HGCM82633A004353")
	s.step("a likely typo")
	own := s.last(s.owner)
	s.presses(s.owner, own, "vinok:1HGCM82633A004353")
	s.step("it is right")
	s.owner.Send("1HGCM82633A004354")
	s.step("another likely typo")
	s.presses(s.owner, s.last(s.owner), "vinfix:1HGCM82633A004354")
	s.step("it is not")
	s.owner.Send("WBAFW51050C245397")
	s.step("a hint")
	s.owner.Sends(telegramtest.Photo())
	s.step("a photo")
	s.owner.Edit(s.owner.Send("спасибо"), "спасибо!")
	s.step("thanks, edited")
}

func tellMine(s *scribe) {
	s.owner.Send("/my")
	s.step("/my, with nothing yet")
	s.owner.Send("/cancel")
	s.step("/cancel, with nothing yet")
	for _, vin := range []string{honda, bmw, suzuki} {
		s.owner.Send(vin)
		s.step("a VIN")
	}
	s.presses(s.vera.In(s.group), s.card(bmw), "take:2")
	s.step("Take")
	s.owner.Send("/my")
	s.step("/my")
	s.owner.Send("/cancel")
	s.step("/cancel")
	s.presses(s.owner, s.last(s.owner), "cancel:2")
	s.step("the one in work")
	s.owner.Send("/cancel 3")
	s.step("/cancel 3")
	s.presses(s.owner, s.last(s.owner), "keep:3")
	s.step("or rather not")
	s.understood(s.boris.In(s.group).ReplyPDF(s.card(honda), pdf(), ""))
	s.step("the report for the first")
	report := s.last(s.owner)
	s.presses(s.owner, report, "rate:1:2")
	s.step("two stars")
	s.presses(s.owner, report, "rate:1:5")
	s.step("five, after all")
	s.presses(s.owner, report, "rate:1:5")
	s.step("once more")
	s.owner.Send("/my")
	s.step("/my, with a report")
	s.presses(s.owner, s.last(s.owner), "again:1")
	s.step("the report again")
	s.owner.Send("/lang")
	s.step("/lang")
	s.presses(s.owner, s.last(s.owner), "lang:"+map[string]string{"ru": "en", "en": "ru"}[s.owner.Language])
	s.step("the other language")
	s.owner.Send("/help")
	s.step("/help")
}

func tellManagers(s *scribe) {
	s.owner.Send(honda)
	s.step("a VIN")
	card := s.card(honda)
	boris, vera := s.boris.In(s.group), s.vera.In(s.group)
	s.presses(vera, card, "take:1")
	s.step("Vera takes")
	s.presses(boris, card, "take:1")
	s.step("too late")
	boris.Send("/help@vin_report_bot")
	s.step("/help")
	s.boris.Start("done")
	s.step("the long form")
	s.understood(boris.ReplyPDF(card, []byte("<html>"), ""))
	s.step("no PDF")
	s.understood(boris.ReplyPDF(card, pdftest.Truncated(), ""))
	s.step("a damaged one")
	s.understood(boris.ReplyPDF(card, pdftest.Encrypted("report", "secret", "owner"), ""))
	s.step("one with a password")
	boris.Send("/done@vin_report_bot")
	s.step("no document")
	boris.SendPDF(pdf(), "/done 77")
	s.step("no such ticket")
	boris.SendPDF(pdf(), "/done готово")
	s.step("no number")
	boris.ReplyPDF(card, pdf(), "/done 77")
	s.step("two numbers")
	boris.Anonymously("").ReplyPDF(card, pdf(), "")
	s.step("an anonymous admin")
	s.understood(boris.ReplyPDF(card, pdf(), ""))
	s.step("a good one")
	s.understood(boris.ReplyPDF(card, pdftest.Valid("better"), ""))
	s.step("another")
	s.presses(boris, s.last(s.group), s.last(s.group).Callbacks()[0])
	s.step("send it")
}

func tellAway(s *scribe) {
	s.owner.Send(honda)
	s.step("a VIN")
	card := s.card(honda)
	s.owner.Block()
	s.step("the owner blocks the bot")
	s.understood(s.boris.In(s.group).ReplyPDF(card, pdf(), ""))
	s.step("the report")
	s.owner.Unblock()
	s.step("the owner is back")
}

// scribe writes down what people see, step by step.
type scribe struct {
	*world
	owner  *telegramtest.User
	boris  *telegramtest.User
	events <-chan telegramtest.Event
	text   strings.Builder
	shown  map[string]string // how a message was written down last
}

// understood waits until a report has its reaction: it goes out from memory.
func (s *scribe) understood(mail telegramtest.Message) {
	s.Helper()
	s.sees(s.group, func(m telegramtest.Message) bool { return m.ID == mail.ID && len(m.Reactions) > 0 })
}

// last is the bot's newest message of a chat.
func (s *scribe) last(in telegramtest.Chat) telegramtest.Message {
	all := s.fromBot(in)
	require.NotEmpty(s, all)
	return all[len(all)-1]
}

// step writes down what the last one led to; an empty name writes nothing.
func (s *scribe) step(name string) {
	s.Helper()
	s.settled()
	mark := s.vera.In(s.group).Send("…") // it ends what the step led to
	latest := map[string]telegramtest.Event{}
	var order []string
	for e := range s.events {
		if e.Message.ID == mark.ID && e.Message.ChatID == mark.ChatID {
			break
		}
		if e.Message.ChatID == s.vera.Chat() { // who tells the bot that time has passed
			continue
		}
		key := scribeKey(e)
		if _, ok := latest[key]; !ok {
			order = append(order, key)
		}
		latest[key] = e
	}
	s.group.DeleteMessage(mark)
	if name == "" {
		return
	}
	slices.SortStableFunc(order, func(a, b string) int { return inOrder(latest[a], latest[b]) })
	s.text.WriteString("\n———— " + name + "\n")
	for _, key := range order {
		s.write(latest[key])
	}
}

// scribeKey names what an event is about: of several edits of a message in one
// step the last one is what people see.
func scribeKey(e telegramtest.Event) string {
	key := fmt.Sprint(e.Kind, e.Message.ChatID, "/", e.Message.ID)
	if e.Kind == telegramtest.PressAnswered {
		key += e.User.FirstName + e.Data
	}
	return key
}

// inOrder compares what happened in one step. Edits go by themselves, each in
// a lane of its own: the older message comes first.
func inOrder(a, b telegramtest.Event) int {
	before := cmp.Compare(rank(a), rank(b))
	if before == 0 && a.Kind == telegramtest.MessageEdited {
		return cmp.Compare(a.Message.ID, b.Message.ID)
	}
	return before
}

// rank puts what happens at the same time into one order: the private chat
// first, presses, then messages, then edits, then reactions.
func rank(e telegramtest.Event) int {
	place := 0
	if e.Message.ChatID < 0 {
		place = 10
	}
	switch e.Kind {
	case telegramtest.PressAnswered:
		return place
	case telegramtest.MessageSent:
		return place + 1
	case telegramtest.MessageEdited:
		return place + 2
	default:
		return place + 3
	}
}

func (s *scribe) write(e telegramtest.Event) {
	m := e.Message
	place := "   "
	if m.ChatID < 0 {
		place = "👥 "
	}
	who := "🤖"
	if !m.FromBot && m.From != nil {
		who = m.From.FirstName
	}
	var body string
	switch e.Kind {
	case telegramtest.PressAnswered:
		who = e.User.FirstName
		body = "[" + e.Data + "] ⇒ " + e.Answer.Text
	case telegramtest.ReactionSet:
		body = "(" + strings.Join(m.Reactions, "") + ")"
	case telegramtest.MessageDeleted:
		return
	case telegramtest.MessageSent, telegramtest.MessageEdited:
		body = m.Text
		if m.Document != nil {
			body = strings.TrimSpace("📄 " + m.Document.Name + "\n" + m.Text)
		}
		body += buttons(m)
	}
	if e.Kind == telegramtest.MessageEdited {
		who += " ✎"
	}
	body = moment().ReplaceAllString(body, "⌚")
	body = lasted().ReplaceAllString(body, "⌛")
	if key := fmt.Sprint(m.ChatID, "/", m.ID); e.Kind == telegramtest.MessageSent || e.Kind == telegramtest.MessageEdited {
		if s.shown[key] == body { // only the time has changed
			return
		}
		s.shown[key] = body
	}
	s.text.WriteString(place + who + ": " + strings.ReplaceAll(body, "\n", "\n      ") + "\n")
}

// buttons draws a message's keyboard.
func buttons(m telegramtest.Message) string {
	var drawn strings.Builder
	for _, row := range m.Keyboard {
		drawn.WriteString("\n")
		for _, b := range row {
			drawn.WriteString("[ " + b.Text + " ]")
		}
	}
	return drawn.String()
}

// moment finds a time as either language writes it.
func moment() *regexp.Regexp {
	return regexp.MustCompile(`\d\d?[. ][\p{L}\d]{2,3}[. ]\d{4}, \d\d:\d\d`)
}

// lasted finds how many seconds something took, in a column.
func lasted() *regexp.Regexp { return regexp.MustCompile(`(?m) \d+[sс]( |$)`) }

func (s *scribe) compare(path string) {
	s.Helper()
	if *update {
		require.NoError(s, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(s, os.WriteFile(path, []byte(s.text.String()), 0o600))
	}
	golden, err := os.ReadFile(path)
	require.NoError(s, err, "run the test with -update once")
	assert.Equal(s, string(golden), s.text.String())
}
