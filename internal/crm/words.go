package crm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vinbot/internal/ticket"
	"vinbot/internal/vin"
)

// russian is the language whose words are the first of two.
const russian = "ru"

// pair is a word in Russian and in English.
type pair [2]string

func (p pair) in(language string) string {
	if language == russian {
		return p[0]
	}
	return p[1]
}

// label are the names of the account's fields.
type label struct{ key, vin, car, priority, ticket, report, telegram, username string }

func labels(language string) label {
	if language == russian {
		return label{
			key: "Ключ VIN-бота", vin: "VIN", car: "Автомобиль", priority: "Приоритет", ticket: "Заявка",
			report: "Отчёт", telegram: "Telegram ID", username: "Имя в Telegram",
		}
	}
	return label{
		key: "VIN bot key", vin: "VIN", car: "Car", priority: "Priority", ticket: "Ticket",
		report: "Report", telegram: "Telegram ID", username: "Telegram name",
	}
}

// priority names a priority.
func priority(language string, p ticket.Priority) string {
	switch p {
	case ticket.Low:
		return pair{"низкий", "low"}.in(language)
	case ticket.High:
		return pair{"высокий", "high"}.in(language)
	case ticket.Urgent:
		return pair{"срочный", "urgent"}.in(language)
	case ticket.Normal:
	}
	return pair{"обычный", "normal"}.in(language)
}

// car names what a VIN tells: "Honda, США, 2003". A year that is not certain has
// a question mark.
func car(language, v string, year int) string {
	known := vin.Decode(v, year)
	var years []string
	for _, y := range known.Years.Candidates() {
		text := strconv.Itoa(y.Model)
		if y.Certainty != vin.Certain {
			text += "?"
		}
		years = append(years, text)
	}
	parts := []string{known.Maker, known.Country.Name(language), strings.Join(years, " / ")}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

// stays says why a deal's stage is not that of its ticket.
func stays(language string) string {
	return pair{
		"Стадия сделки не менялась: она в другой воронке.", "The deal's stage was left as it is: it is in another pipeline.",
	}.in(language)
}

// forgotten is the name of who wanted to be forgotten, and the title of a
// ticket that was erased.
func forgotten(language string) string {
	return pair{"Данные удалены", "Data erased"}.in(language)
}

// Kinds lists the kinds of events that a deal's comments tell of, or that change
// it.
func Kinds() []ticket.EventKind {
	return []ticket.EventKind{
		ticket.EventOpened, ticket.EventTaken, ticket.EventAssigned, ticket.EventReleased, ticket.EventPriority,
		ticket.EventRejected, ticket.EventCancelled, ticket.EventReportAccepted, ticket.EventDelivered,
		ticket.EventUndelivered, ticket.EventRedelivery, ticket.EventFileRefused, ticket.EventReopened, ticket.EventRated,
		ticket.EventRestored,
	}
}

// line says what an event was; empty where a comment says nothing of it.
func line(language string, e ticket.Event, t ticket.Ticket) string {
	say := func(ru, en string) string { return pair{ru, en}.in(language) }
	switch e.Kind {
	case ticket.EventTaken, ticket.EventAssigned:
		if e.ActorID == t.AssigneeID && t.AssigneeName != "" {
			return say("в работе: ", "taken by ") + t.AssigneeName
		}
		return say("в работе", "taken")
	case ticket.EventReleased:
		return say("вернулась в очередь", "back in the queue")
	case ticket.EventPriority:
		return say("приоритет: ", "priority: ") + priority(language, ticket.Priority(e.Detail))
	case ticket.EventRejected:
		return say("отклонена: ", "rejected: ") + rejection(language, e.Detail)
	case ticket.EventCancelled:
		return say("отменена владельцем", "cancelled by the owner")
	case ticket.EventReportAccepted:
		return say("отчёт принят, отправляется владельцу", "report accepted, on its way to the owner")
	case ticket.EventDelivered:
		if e.From == e.To {
			return say("доставлено исправление", "correction delivered")
		}
		return say("отчёт доставлен", "report delivered")
	case ticket.EventUndelivered:
		return say("отчёт не доставлен: ", "report not delivered: ") + undelivered(language, e.Detail)
	case ticket.EventFileRefused:
		return say("Telegram не принял файл, нужен другой", "Telegram refused the file: another is needed")
	case ticket.EventReopened:
		return say("открыта снова", "reopened")
	case ticket.EventRated:
		return fmt.Sprintf(say("оценка владельца: %s из 5", "rated by the owner: %s of 5"), e.Detail)
	default:
		return ""
	}
}

// rejection says why a ticket was rejected.
func rejection(language, reason string) string {
	switch reason {
	case ticket.RejectNoData:
		return pair{"нет данных", "no data"}.in(language)
	case ticket.RejectWrongVIN:
		return pair{"неверный VIN", "wrong VIN"}.in(language)
	case ticket.RejectNotServed:
		return pair{"такие отчёты не делаем", "such reports are not made"}.in(language)
	case ticket.RejectDuplicate:
		return pair{"отчёт уже есть", "the owner has it already"}.in(language)
	}
	return pair{"другая причина", "another reason"}.in(language)
}

// undelivered says why a report did not reach its owner.
func undelivered(language, reason string) string {
	switch reason {
	case ticket.UndeliveredBlocked:
		return pair{"владелец заблокировал бота", "the owner blocked the bot"}.in(language)
	case ticket.UndeliveredDeactivated:
		return pair{"аккаунт владельца удалён", "the owner's account is gone"}.in(language)
	}
	return pair{"нет чата с владельцем", "there is no chat with the owner"}.in(language)
}
