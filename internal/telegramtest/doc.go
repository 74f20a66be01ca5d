// Package telegramtest is a stateful Bot API in memory: people, groups, messages with ids, files both ways, buttons,
// updates with offsets and confirmation, Telegram's limits, and faults on demand. It answers over HTTP as the real
// server does, word for word where the words carry the meaning, and it is stricter than the real one about requests:
// an unknown parameter, a missing one or a wrong type is reported as a violation.
//
// A test reads as a story:
//
//	sim := telegramtest.New(telegramtest.Options{OnViolation: func(v string) { t.Error(v) }})
//	anna, boris := sim.User("Анна", "ru"), sim.User("Борис", "ru")
//	managers := sim.Group("Managers", boris)
//	anna.Send("1HGCM82633A004352")
//	card, err := sim.Wait(ctx, managers, telegramtest.Containing("1HGCM82633A004352"))
//	answer, err := boris.In(managers).Press(card, "take:1").Answer(ctx)
//	boris.In(managers).ReplyPDF(card, pdf, "")
//	report, err := sim.Wait(ctx, anna, telegramtest.WithDocument())
//
// Nothing here depends on package testing, so that the demo runs on it, too.
package telegramtest
