package message_test

import (
	"testing"

	"vinbot/internal/message"
	"vinbot/internal/ticket"
)

func BenchmarkCard(b *testing.B) {
	book, err := message.NewBook()
	if err != nil {
		b.Fatal(err)
	}
	view := message.CardView{Ticket: sampleTicket(), OwnerName: "Иван", BotName: "vin_bot"}
	for b.Loop() {
		book.Card("ru", view)
	}
}

func BenchmarkSay(b *testing.B) {
	book, err := message.NewBook()
	if err != nil {
		b.Fatal(err)
	}
	say := ticket.Say{Text: message.TextOpened, VIN: sampleVIN, Ticket: 12}
	for b.Loop() {
		if _, err := book.Say("ru", say, message.Facts{}); err != nil {
			b.Fatal(err)
		}
	}
}
